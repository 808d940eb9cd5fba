"""The blind card of a comment drawn at random, and the figures that the checks give."""
