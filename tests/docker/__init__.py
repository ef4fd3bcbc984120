"""The container files, held correct where no container engine runs."""
