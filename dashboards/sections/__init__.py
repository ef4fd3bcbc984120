"""Parts of pages that have several: each draws its tiles, tables or forms for what the viewer picked."""
