"""Who did what to a tenant's data, written in the same transaction."""
