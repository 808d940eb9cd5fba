"""The sentence encoder that teaches vectors, and the calibration of relevance."""
