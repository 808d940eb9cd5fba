"""Learning from a site's people: versions, policies in the shadow, limits for a target."""
