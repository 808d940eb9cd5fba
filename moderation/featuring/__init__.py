"""Editor's picks, and the comments that an editor may want to feature."""
