"""Charts as SVG, and tables as CSV."""
