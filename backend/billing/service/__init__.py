"""Billing's door: `prices` says what a message costs, `top_ups` and `grants` bring credits in."""
