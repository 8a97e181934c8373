"""The only way to data: engine, scopes, migrations (DESIGN §5.4)."""
