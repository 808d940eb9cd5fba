"""The yearly account of a site's moderation, for its leads and for readers."""
