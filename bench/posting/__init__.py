"""The times that a site waits: until a POST is accepted, a comment decided, a text checked."""
