"""News of a transaction, written in it; told to its consumers at least once."""
