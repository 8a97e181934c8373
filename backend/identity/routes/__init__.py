"""Identity over HTTP, by what is asked for."""
