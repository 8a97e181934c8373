"""Accounts, tenants, members, staff, API keys, login sessions, the auto-validation grant."""
