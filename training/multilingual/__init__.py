"""Trains one small encoder on comments in many languages. It is not bundled yet: see README.md for what it reaches."""
