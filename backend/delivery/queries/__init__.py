"""All SQL of delivery."""
