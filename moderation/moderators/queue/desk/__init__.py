"""The queue as people share it: saved views, questions to colleagues, and owners of escalated comments."""
