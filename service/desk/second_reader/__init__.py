"""The pages of second readers: connecting one, trying it on decisions, switching it, and how people agree with it."""
