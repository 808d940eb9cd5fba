"""Learning from a site's people: examples, vectors, precedents, and versions of weights. Nothing is fitted here."""
