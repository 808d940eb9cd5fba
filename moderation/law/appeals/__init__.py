"""Appeals of authors against decisions on their comments: how they come, who may decide them, and their outcomes.

May import `comments`, `statements` and what is below them. Announces appeals and their outcomes as events.
"""
