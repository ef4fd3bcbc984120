"""What the adapters of systems that push share: signatures, calls that repeat and overtake one another, JSON files."""
