"""What the measured load says of the staff that is needed: queueing formulas, pure."""
