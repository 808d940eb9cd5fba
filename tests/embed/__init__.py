"""The comment box in a real Chromium: on a newsroom's pages at one origin, Gavel at another."""
