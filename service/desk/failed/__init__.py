"""Comments that could not be scored, and events that no webhook took."""
