"""Letters and emoji as their readers see them."""
