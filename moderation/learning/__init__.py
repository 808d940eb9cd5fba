"""What a site's people teach: examples, vectors, precedents, and versions of weights. Nothing is fitted here."""
