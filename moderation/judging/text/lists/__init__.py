"""Lists of words and phrases, found through disguises and never inside a longer innocent word."""
