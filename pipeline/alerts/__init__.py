"""Alerts: rules over the store, judged minute by minute, told to people, and tried on the past before they are used."""
