"""Trials of a change on the cases of the rule book and on people's last decisions, rule by rule.

It may import `learning`, `sites` and `comments`, and no model.
"""
