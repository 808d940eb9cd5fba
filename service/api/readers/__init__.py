"""The calls of a page for the reader whom its site's server has signed: their own comments, and nothing else."""
