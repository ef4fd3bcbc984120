"""Reading the store: one feed per server process, which answers what the pages ask."""
