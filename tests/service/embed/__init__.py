"""The comment box, as far as it needs no browser."""
