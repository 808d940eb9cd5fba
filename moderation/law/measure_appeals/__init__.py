"""Appeals of authors against measures that keep them from commenting: how they come, who may decide them, and what
closes them.

May import `appeals`, `statements` and what is below them. The caller lifts a measure: rooms above hold those.
"""
