"""A simulated voice contact centre with known truth: its events, and the manifest of what must come out."""
