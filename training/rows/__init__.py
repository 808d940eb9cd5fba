"""The labelled rows, articles and pairs from which weights learn."""
