"""The simulated centre is deterministic, lawful, and its manifest is the truth."""
