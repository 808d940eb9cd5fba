"""The queue as a list of whole comments that are decided without opening them."""
