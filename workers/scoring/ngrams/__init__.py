"""Linear models on a comment's hashed words and letters."""
