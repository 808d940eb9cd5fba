"""Past decisions, and the audit trail."""
