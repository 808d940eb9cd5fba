"""The time that one page or call spends on reading texts, no matter who wrote them and how many it shows. A text that
comes too late is shown or listed all the same, and said to be unread."""

from __future__ import annotations

from flask import g, has_request_context

from moderation.ground.environment.own_time import own_time
from moderation.judging.text.reading_budget import Budget

PAGE_S = 0.5
"""Reading 20,000 characters for listed words takes 0.02 s of prose, and up to 0.2 s of a text that is made to be slow,
measured."""

SHORT_CHARS = 1_000
SHORT_S = 0.05
"""A short text takes 3 ms at most, and a page shows about a hundred. Each has a time of its own, so that one long text
does not take it from the lines of the queue."""


def budget_for(text: str) -> Budget:
    """A short text's own, or what all the long ones of this page share."""
    if len(text) <= SHORT_CHARS:
        return Budget(SHORT_S, own_time)
    return of_page()


def of_page() -> Budget:
    """The same for the whole of a request. Outside one, a new one."""
    if not has_request_context():
        return Budget(PAGE_S, own_time)
    if "reading_budget" not in g:
        g.reading_budget = Budget(PAGE_S, own_time)
    budget: Budget = g.reading_budget
    return budget
