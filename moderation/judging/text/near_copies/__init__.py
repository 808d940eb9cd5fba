"""Fingerprints of texts, and the copies of a text that differ most."""
