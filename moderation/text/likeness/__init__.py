"""Fingerprints of texts, and texts that many write alike in good faith."""
