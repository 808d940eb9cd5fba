"""Comments that are scored once more."""
