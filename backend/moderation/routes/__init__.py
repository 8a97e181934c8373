"""Moderation over HTTP, by what is asked for."""
