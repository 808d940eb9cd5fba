"""A judgement from another vendor's client: it decides a comment that is known here, and is a label otherwise."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from moderation.ground.database.engine import Database, new_id
from moderation.ground.errors import InvalidInput
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.moderators.review import feedback
from moderation.moderators.review import label_rows as labels
from moderation.moderators.review.feedback import Feedback, FeedbackUse
from moderation.operations.operating.deleting import retention
from moderation.operations.operating.deleting.retention import Deletion
from moderation.sites import rows as sites
from moderation.sites.rows import Site
from moderation.sites.settings.values import SiteSettings
from moderation.spine.comments import rows as comments
from moderation.spine.comments.tables import decisions
from service.context import utc_now
from tests.builders import NOON, OPERATOR
from tests.moderation.conftest import Newsroom, add_site
from tests.service.bodies import settle
from tests.statements import Asked, steps

TEXT = "The ferry was late again and nobody said a word about it."
KEY = new_id()


def judged(text: str = TEXT, value: float = 1.0, **given: Any) -> Feedback:
    return Feedback("perspective", text, {"toxicity": value}, **given)


def take(newsroom: Newsroom, site: Site, given: Feedback, *, may_decide: bool = True) -> FeedbackUse:
    return feedback.take(newsroom.database, site.id, given, may_decide=may_decide, key_id=KEY, now=NOON)


def kept(newsroom: Newsroom, site: Site) -> list[labels.Label]:
    with newsroom.database.read() as conn:
        return [label for _, label in labels.of_site(conn, site.id, limit=10)]


def status(newsroom: Newsroom, site: Site, comment: str) -> CommentStatus:
    with newsroom.database.read() as conn:
        return comments.get_comment(conn, site.id, comment).status


@pytest.fixture
def comment(newsroom: Newsroom, site: Site) -> str:
    newsroom.post(TEXT, id="c-1")
    settle(newsroom.database, site.id, "c-1", Action.FLAG)
    return "c-1"


@pytest.mark.parametrize("action", [Action.REJECT, Action.PUBLISH])
def test_a_judgement_decides_the_comment_that_it_is_about(
    newsroom: Newsroom, site: Site, comment: str, action: Action
) -> None:
    made = take(newsroom, site, judged(action=action, references=("comment:c-1", "c-1")))

    assert made is FeedbackUse.DECIDED
    assert status(newsroom, site, comment) is action.status
    with newsroom.database.read() as conn:
        newest = sa.select(decisions.c.decided_by).order_by(decisions.c.id.desc()).limit(1)
        assert conn.execute(newest).scalar_one() == "api"
    assert kept(newsroom, site) == []


def test_the_same_judgement_again_changes_nothing(newsroom: Newsroom, site: Site, comment: str) -> None:
    given = judged(action=Action.REJECT, references=("c-1",))
    take(newsroom, site, given)

    assert take(newsroom, site, given) is FeedbackUse.AGREED
    assert kept(newsroom, site) == []


def test_a_key_that_may_not_moderate_leaves_a_label_without_the_text(
    newsroom: Newsroom, site: Site, comment: str
) -> None:
    made = take(newsroom, site, judged(action=Action.REJECT, references=("c-1",)), may_decide=False)

    assert made is FeedbackUse.KEPT
    assert status(newsroom, site, comment) is CommentStatus.FLAGGED
    assert kept(newsroom, site) == [labels.Label("perspective", "toxicity", 1.0, None, None, "c-1", KEY)]


@pytest.mark.parametrize(
    ("text", "references"), [(TEXT, ()), (TEXT, ("c-2",)), ("Another text than the comment has now.", ("c-1",))]
)
def test_a_judgement_of_an_unknown_text_is_a_label(
    newsroom: Newsroom, site: Site, comment: str, text: str, references: tuple[str, ...]
) -> None:
    made = take(newsroom, site, judged(text, action=Action.REJECT, references=references, language="en"))

    assert made is FeedbackUse.KEPT
    assert status(newsroom, site, comment) is CommentStatus.FLAGGED
    reference = references[0] if references else None
    assert kept(newsroom, site) == [labels.Label("perspective", "toxicity", 1.0, text, "en", reference, KEY)]


def test_a_comment_of_another_site_is_unknown(newsroom: Newsroom, site: Site, comment: str) -> None:
    with newsroom.database.write() as conn:
        other = add_site(conn, "Another paper")

    made = take(newsroom, other, judged(action=Action.REJECT, references=("c-1",)))

    assert made is FeedbackUse.KEPT
    assert status(newsroom, site, comment) is CommentStatus.FLAGGED
    assert kept(newsroom, site) == []


def test_a_withdrawn_comment_stays_withdrawn(newsroom: Newsroom, site: Site, comment: str) -> None:
    from moderation.pipeline.arriving import intake

    intake.withdraw(newsroom.database, site.id, "c-1", now=NOON)

    assert take(newsroom, site, judged(action=Action.PUBLISH, references=("c-1",))) is FeedbackUse.AGREED
    assert status(newsroom, site, comment) is CommentStatus.WITHDRAWN


@pytest.mark.parametrize(
    ("given", "field"),
    [(judged("é" * 10_241), "text"), (judged(value=1.1), "values"), (judged(value=-0.1), "values"),
     (Feedback("perspective", TEXT, {}), "values"), (Feedback("perspective", TEXT, {"x" * 51: 1.0}), "values"),
     (judged(references=("x" * 201,)), "references")],
)  # fmt: skip
def test_a_judgement_out_of_its_limits_is_refused(newsroom: Newsroom, site: Site, given: Feedback, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        take(newsroom, site, given)

    assert [problem.field for problem in refused.value.problems] == [field]
    assert kept(newsroom, site) == []


def test_labels_go_after_their_days(newsroom: Newsroom, site: Site) -> None:
    database = newsroom.database
    with database.write() as conn:
        sites.update_site_settings(conn, site.id, SiteSettings(keep_labels_days=30))
    take(newsroom, site, judged())

    early = list(retention.retain(database, by=OPERATOR, now=utc_now() + timedelta(days=29)))
    late = list(retention.retain(database, by=OPERATOR, now=utc_now() + timedelta(days=31)))

    assert early == []
    assert [(purged.kind, purged.count) for purged in late] == [(Deletion.LABELS, 1)]
    assert kept(newsroom, site) == []


def test_old_labels_are_found_by_an_index(sqlite_database: Database) -> None:
    asked = Asked(sqlite_database)
    with asked.listening(), sqlite_database.read() as conn:
        labels.past_keeping(conn, new_id(), NOON, after=new_id(), limit=10)

    ((statement, parameters),) = asked.statements
    assert "ix_labels_site" in " ".join(steps(statement, parameters))
