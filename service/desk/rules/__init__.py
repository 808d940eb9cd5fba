"""The rule book: house rules with their cases, and a comment made a case of one."""
