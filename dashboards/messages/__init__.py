"""What the board says in other languages: one file each, ``<language>.po``. English is the text in the code."""
