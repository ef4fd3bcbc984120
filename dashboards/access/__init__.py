"""Who may see what: people, their roles, and the scope that every query is asked within."""
