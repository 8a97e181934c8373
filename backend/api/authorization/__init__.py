"""The authorisation table: which roles, staff and key scopes may call which operation."""
