"""The transparency report of a site's moderation, for its leads and for readers."""
