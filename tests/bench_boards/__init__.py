"""``make bench-boards``: many viewers of the live page on one process of the board, measured from outside."""
