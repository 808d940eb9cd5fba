"""Akismet's spam check, versions 1.1 and 1.2. A comment that people submit as spam or ham becomes a label, or a
decision where Gavel knows it."""
