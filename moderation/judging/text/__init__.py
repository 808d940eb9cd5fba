"""Reading plain text: words, sentences, windows, remarks about the site.

Pure: no database, no clock, nothing of the core but its errors and values.
"""
