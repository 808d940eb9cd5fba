"""Suites of short written cases that measure the toxicity weights. No training and no fitting reads them."""
