"""Gavel with everything on one machine: a sample site, its comments, a moderator and a newsroom that uses it."""
