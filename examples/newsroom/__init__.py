"""A news site that uses Gavel over HTTP and imports none of its code: it needs only Flask and urllib3."""
