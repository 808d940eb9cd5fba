"""The words that carry a toxicity score."""
