"""The domains that a site's published comments link to, counted."""
