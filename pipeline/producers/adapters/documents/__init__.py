"""Sources that say one JSON document per record: how their files and folders are read, and what they have in common."""
