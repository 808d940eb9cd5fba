"""Links, domains, and other ways to reach somebody outside the comments."""
