"""Search, and the timeline of one comment."""
