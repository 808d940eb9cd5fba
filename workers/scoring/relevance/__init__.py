"""Whether a comment is about its article, or answers a comment that is."""
