"""One comment under review: the card, its reasons, questions, live changes."""
