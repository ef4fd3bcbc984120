"""The catalogue of KPIs and its SQL."""
