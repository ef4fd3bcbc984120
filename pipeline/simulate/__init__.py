"""A simulated voice contact centre with known truth: arrivals, queues, agents, and the manifest of what must come out."""
