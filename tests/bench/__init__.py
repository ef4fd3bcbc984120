"""``make bench``: throughput, latency and memory, each measured from outside, in one run."""
