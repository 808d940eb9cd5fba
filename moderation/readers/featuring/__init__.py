"""Comments that an editor may want to feature. The pick itself is a decision: see `review`."""
