"""The core: what happens to a comment. It knows no web framework and no model library."""
