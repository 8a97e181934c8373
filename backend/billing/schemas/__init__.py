"""What comes into billing and what leaves it, split by noun."""
