"""A news site that uses Gavel over HTTP and imports none of its code: it needs only Flask, urllib3 and PyJWT."""
