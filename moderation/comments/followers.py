"""The list of all that follows a move of a comment, each in the module of its own subject.

The door calls them in this order, in the transaction of the move. A new subject is one function and one line here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.appeals import following as appeals
from moderation.authors import climbing as author_climbing
from moderation.authors import counts as author_counts
from moderation.campaigns import joining as campaigns
from moderation.checks import draws as check_draws
from moderation.checks import outcomes as check_outcomes
from moderation.comments import fingerprints as comment_fingerprints
from moderation.comments.moves import Move
from moderation.domains import counts as domain_counts
from moderation.learning import vectors as comment_vectors
from moderation.learning.shadows import verdicts as shadow_verdicts
from moderation.notices import deciding as notices
from moderation.pages import showing

Afterwards = Callable[[], None]
"""Counts, for the operator, what a follower did. It runs when the transaction is committed."""

Follower = Callable[[Connection, Sequence[Move], datetime], Afterwards | None]
"""Is given the moves that were made, in the order of their comments' ids, with the comments as they were before."""

FOLLOWERS: tuple[Follower, ...] = (
    comment_vectors.follow,
    comment_fingerprints.follow,
    shadow_verdicts.follow,
    notices.follow,
    appeals.follow,
    author_counts.follow,  # from here on rows that others wait for are locked: authors, domains, campaigns, sites
    domain_counts.follow,
    check_outcomes.follow,
    author_climbing.follow,
    campaigns.follow,
    showing.follow,
    check_draws.follow,  # last: it may lock the site
)
