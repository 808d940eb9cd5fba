"""The flagged queue: views, filters, batches, surges."""
