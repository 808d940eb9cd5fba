"""Whether a comment is judged better with the text that it answers: written pairs, and comments with their headline."""
