"""centre.yaml: what a contact centre says about itself, checked line by line and kept in the store."""
