"""All SQL of campaigns."""
