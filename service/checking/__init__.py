"""The one way from a call to the scores of a text that is not stored, and advice to its writer."""
