"""Shapes of campaigns, sessions, content and progress."""
