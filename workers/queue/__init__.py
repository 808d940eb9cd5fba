"""The batch worker, its jobs, the pipeline, and the delivery of webhooks."""
