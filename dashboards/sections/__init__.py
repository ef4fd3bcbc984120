"""The sections of pages that have several: each draws its tiles and tables for what the viewer picked."""
