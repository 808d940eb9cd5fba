"""The desk's words, numbers, times and days in the reader's language."""
