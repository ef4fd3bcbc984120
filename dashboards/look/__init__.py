"""How things look, the same on every page: tiles, tables, charts, numbers, words."""
