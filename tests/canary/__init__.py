"""Canaries: values of a person, put into every source, must be found nowhere."""
