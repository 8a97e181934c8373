"""What to say and to whom; the sessions that say it, their states, versions and quotes."""
