"""Chaos: workers and brokers are killed under load, and then every event is accounted for. See test_chaos.py."""
