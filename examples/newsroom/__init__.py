"""A news site that uses Gavel over HTTP and imports nothing of it: Flask and urllib3 are all that it needs."""
