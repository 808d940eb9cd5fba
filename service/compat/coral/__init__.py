"""Coral's external moderation phase: a signed request for each comment, answered by a status within Coral's timeout."""
