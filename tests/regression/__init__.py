"""One test per defect that was found, each failing without its fix."""
