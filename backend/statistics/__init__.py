"""How the desk is doing, by the hour."""
