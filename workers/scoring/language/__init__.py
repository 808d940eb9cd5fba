"""The languages of a comment, and how far the scores are trusted in them."""
