"""callboard: exact, real-time analytics for contact centres."""
