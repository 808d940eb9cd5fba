"""Loads what scoring needs: rows first, then the reading of each text, then what the database knows of that reading.

It may import `learning`, `campaigns`, `comments` and what they stand on. Its rows read no text.
"""
