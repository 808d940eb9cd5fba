"""How many comments an author has online."""

from __future__ import annotations

import pytest

from moderation.ground.values.statuses import Action, CommentStatus
from moderation.ground.values.verdicts import Circumstances
from moderation.judging.policy.verdicts import decide
from moderation.judging.signals.authors.author_published import AUTHOR_PUBLISHED
from tests.builders import a_comment, a_comment_to_score, a_policy, a_rule, a_signal, an_author

NEWCOMERS = a_policy(a_rule("author.published", below=1, label="A newcomer"))


@pytest.mark.parametrize("published", [0, 1, 250])
def test_it_counts_the_authors_comments_online(published: int) -> None:
    author = an_author(published=published, rejected=3)

    signal = AUTHOR_PUBLISHED.signal_of(a_comment_to_score(author=author))

    assert (signal.name, signal.value, signal.abstained) == ("author.published", published, None)


@pytest.mark.parametrize(("status", "others"), [(CommentStatus.PUBLISHED, 0), (CommentStatus.FLAGGED, 1)])
def test_a_published_comment_that_is_scored_again_does_not_count_itself(status: CommentStatus, others: int) -> None:
    scored = a_comment_to_score(comment=a_comment(status=status), author=an_author(published=1))

    assert AUTHOR_PUBLISHED.signal_of(scored).value == others


@pytest.mark.parametrize(("published", "action"), [(0, Action.FLAG), (1, Action.PUBLISH), (99, Action.PUBLISH)])
def test_a_limit_below_one_holds_newcomers(published: int, action: Action) -> None:
    signals = [AUTHOR_PUBLISHED.signal_of(a_comment_to_score(author=an_author(published=published)))]

    assert decide(signals, NEWCOMERS, Circumstances()).action is action


def test_a_comment_scored_before_the_signal_was_there_is_not_held_by_a_rule_on_it() -> None:
    assert decide([a_signal("toxicity", 0.1)], NEWCOMERS, Circumstances()).action is Action.PUBLISH
