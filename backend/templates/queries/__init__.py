"""All SQL of templates and senders."""
