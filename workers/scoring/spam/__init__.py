"""Whether a comment advertises, baits or cheats."""
