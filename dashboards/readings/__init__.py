"""What the pages read out of answers, by page. Pure: nothing here draws, and nothing asks."""
