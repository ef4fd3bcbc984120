"""Explains where a source's own report and the store differ, by cause."""
