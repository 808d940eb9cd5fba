"""The house as it is put together: the lists of all subjects that a comment's change has to do with.

A new subject is one function in its own room and one line here. Nothing else in the core imports this module, except to
open the database.
"""

from __future__ import annotations

from moderation.ground.database.engine import Database
from moderation.insight.checks import draws as check_draws
from moderation.insight.checks import outcomes as check_outcomes
from moderation.insight.learning import vectors as comment_vectors
from moderation.insight.learning.shadows import verdicts as shadow_verdicts
from moderation.law.appeals import following as appeals
from moderation.law.notices import deciding as notices
from moderation.law.notices import holding as notice_holding
from moderation.law.statements import announcing
from moderation.moderators.authors import climbing as author_climbing
from moderation.moderators.authors import counts as author_counts
from moderation.moderators.campaigns import joining as campaigns
from moderation.pipeline.second_opinions import asking as second_opinions
from moderation.pipeline.second_opinions import vetoing as second_opinion_vetoing
from moderation.readers.pages import showing
from moderation.spine.comments import fingerprints as comment_fingerprints
from moderation.spine.comments.door_rules import DOOR_RULES, DoorRules
from moderation.spine.domains import counts as domain_counts

RULES = DoorRules(
    vetoes=(notice_holding.veto, second_opinion_vetoing.veto),
    parts=(announcing.announce,),
    followers=(
        comment_vectors.follow,
        comment_fingerprints.follow,
        shadow_verdicts.follow,
        second_opinions.follow,
        notices.follow,
        appeals.follow,
        author_counts.follow,  # from here on rows that others wait for are locked: authors, domains, campaigns, sites
        domain_counts.follow,
        check_outcomes.follow,
        author_climbing.follow,
        campaigns.follow,
        showing.follow,
        check_draws.follow,  # last: it may lock the site
    ),
    score_followers=(comment_vectors.follow_scores, notices.follow_scores),
)


def open_database(url: str, *, pool_size: int = 8) -> Database:
    """The database with which comments can move. Raises as Database does."""
    return Database(url, pool_size=pool_size, options={DOOR_RULES: RULES})
