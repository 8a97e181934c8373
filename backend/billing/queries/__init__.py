"""All SQL of billing outside its migration."""
