"""The examples that a house model learns from, and their weights, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from moderation.ground.database.engine import Database
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.insight.checks import rows as checks
from moderation.insight.checks.rows import Check
from moderation.insight.learning import examples
from moderation.insight.learning.example_rows import Example, LabelSource
from moderation.insight.learning.examples import MOST_WEIGHT, QUIET_FOR, QUIET_WEIGHT
from moderation.moderators.review import label_rows as labels
from moderation.moderators.review.label_rows import Label
from moderation.operations.operating.deleting import erasing as readers
from moderation.operations.operating.deleting import retention_rows as retention
from moderation.pipeline.arriving.intake import edit
from moderation.readers.reports.reporting import Report, report
from moderation.sites.rows import Site
from moderation.spine.comments.rows import get_comment
from moderation.spine.comments.tables import comments
from service.context import utc_now
from tests.builders import NOON, OPERATOR
from tests.moderation.conftest import Newsroom
from tests.moderation.insight.learning.test_labels import decide, flagged
from tests.service.bodies import settle
from tests.statements import Asked, steps

REPORTS = 10  # more than any policy waits for
MONTHS_LATER = NOON + QUIET_FOR + timedelta(days=1)


def of_site(database: Database, site: Site) -> dict[str, Example]:
    """By text."""
    with database.read() as conn:
        return {e.text: e for e in examples.of_site(conn, site.id, now=MONTHS_LATER)}


def published(database: Database, newsroom: Newsroom, name: str) -> None:
    newsroom.post(f"A {name} comment", id=name)
    settle(database, newsroom.site.id, name, Action.PUBLISH)


def drawn(database: Database, site: Site, name: str, probability: float, outcome: CommentStatus | None) -> None:
    with database.write() as conn:
        comment = get_comment(conn, site.id, name)
        checks.insert(conn, [Check(comment.id, site.id, NOON, probability, CommentStatus.PUBLISHED)])
        if outcome is not None:
            checks.settle(conn, comment.id, outcome, reason=None, by=None, now=NOON)


@pytest.fixture
def decided(database: Database, newsroom: Newsroom, site: Site) -> None:
    for name, action in (("good", Action.PUBLISH), ("bad", Action.REJECT)):
        flagged(database, newsroom, name, f"A {name} comment")
        decide(database, site, name, action, "Off topic" if action is Action.REJECT else None)


@pytest.mark.usefixtures("decided")
def test_what_people_decided_counts_in_full(database: Database, site: Site) -> None:
    found = of_site(database, site)

    good, bad = found["A good comment"], found["A bad comment"]
    assert (good.is_rejected, good.reason, good.source, good.weight) == (False, None, LabelSource.PEOPLE, 1.0)
    assert (bad.is_rejected, bad.reason, bad.source, bad.weight) == (True, "Off topic", LabelSource.PEOPLE, 1.0)


def test_published_comments_about_which_nobody_complained_for_a_month_count_little(
    database: Database, newsroom: Newsroom, site: Site
) -> None:
    for name in ("quiet", "reported", "new"):
        published(database, newsroom, name)
    with database.write() as conn:
        conn.execute(comments.update().where(comments.c.external_id == "reported").values(reports=1))
        late = {"posted_at": MONTHS_LATER - timedelta(days=1)}
        conn.execute(comments.update().where(comments.c.external_id == "new").values(late))

    found = of_site(database, site)

    assert set(found) == {"A quiet comment"}
    quiet = found["A quiet comment"]
    assert (quiet.is_rejected, quiet.source, quiet.weight) == (False, LabelSource.QUIET, QUIET_WEIGHT)


@pytest.mark.parametrize(("probability", "weight"), [(0.02, 50.0), (0.001, MOST_WEIGHT)])
def test_a_check_counts_by_how_unlikely_its_draw_was(
    database: Database, newsroom: Newsroom, site: Site, probability: float, weight: float
) -> None:
    for name in ("checked", "waiting"):
        published(database, newsroom, name)
    drawn(database, site, "checked", probability, CommentStatus.REJECTED)
    drawn(database, site, "waiting", probability, None)

    found = of_site(database, site)

    checked = found["A checked comment"]
    assert (checked.is_rejected, checked.source) == (True, LabelSource.CHECK)
    assert checked.weight == pytest.approx(weight)
    assert found["A waiting comment"].source is LabelSource.QUIET


def test_a_check_that_readers_reported_counts_once_as_people_would_have_seen_it_anyway(
    database: Database, newsroom: Newsroom, site: Site
) -> None:
    published(database, newsroom, "reported")
    drawn(database, site, "reported", 0.02, None)
    for reader in range(REPORTS):
        report(database, site.id, "reported", Report(f"r-{reader}", "Insult"), now=NOON)
    decide(database, site, "reported", Action.REJECT, "Off topic")

    found = of_site(database, site)["A reported comment"]

    assert (found.is_rejected, found.source, found.weight) == (True, LabelSource.CHECK, 1.0)


@pytest.mark.usefixtures("decided")
def test_the_last_decision_that_was_made_is_the_label_of_a_check(
    database: Database, newsroom: Newsroom, site: Site
) -> None:
    published(database, newsroom, "checked")
    drawn(database, site, "checked", 0.02, CommentStatus.PUBLISHED)
    with database.write() as conn:
        conn.execute(sa.text("UPDATE checks SET decided_at = :before"), {"before": str(NOON - timedelta(days=1))[:19]})
    decide(database, site, "checked", Action.REJECT, "Off topic")

    checked = of_site(database, site)["A checked comment"]

    assert (checked.is_rejected, checked.reason, checked.source) == (True, "Off topic", LabelSource.CHECK)
    assert checked.weight == pytest.approx(50.0)


@pytest.mark.usefixtures("decided")
def test_a_deleted_comment_and_an_erased_author_are_not_in_the_next_version(
    database: Database, newsroom: Newsroom, site: Site
) -> None:
    flagged(database, newsroom, "third", "A third comment")
    decide(database, site, "third", Action.REJECT, "Off topic")
    before = of_site(database, site)

    with database.write() as conn:
        retention.delete_comments(conn, [get_comment(conn, site.id, "third").id])
    without = of_site(database, site)
    readers.erase(database, site.id, "u-1", by=OPERATOR, now=NOON)

    assert set(before) - set(without) == {"A third comment"}
    assert examples.digest(list(before.values())) != examples.digest(list(without.values()))
    assert of_site(database, site) == {}


@pytest.mark.usefixtures("decided")
def test_a_label_that_leaves_the_decision_as_it_is_counts_if_it_is_newer(database: Database, site: Site) -> None:
    with database.write() as conn:
        said = [Label("shadow", "house", 1.0, None, "en", reference="good")]
        labels.insert(conn, site.id, said, now=utc_now() + timedelta(minutes=1))
        labels.insert(conn, site.id, [Label("shadow", "house", 0.0, None, "en", reference="bad")], now=NOON - QUIET_FOR)

    found = of_site(database, site)

    assert [found[f"A {name} comment"].is_rejected for name in ("good", "bad")] == [True, True]
    assert found["A good comment"].source is LabelSource.PEOPLE


def test_a_judgement_of_a_text_that_was_edited_since_teaches_nothing(
    database: Database, newsroom: Newsroom, site: Site
) -> None:
    published(database, newsroom, "checked")
    published(database, newsroom, "looked-at")
    drawn(database, site, "checked", 0.02, CommentStatus.REJECTED)
    with database.write() as conn:
        labels.insert(conn, site.id, [Label("shadow", "house", 1.0, None, "en", reference="looked-at")], now=NOON)
    assert {e.is_rejected for e in of_site(database, site).values()} == {True}

    for name in ("checked", "looked-at"):
        edit(database, newsroom.queues, site.id, name, f"A {name} comment, edited", now=NOON + timedelta(hours=1))

    assert of_site(database, site) == {}


def test_what_a_dialect_brought_under_the_same_name_is_no_second_look(
    database: Database, newsroom: Newsroom, site: Site
) -> None:
    published(database, newsroom, "one")
    with database.write() as conn:
        labels.insert(conn, site.id, [Label("perspective", "house", 1.0, None, "en", reference="one")], now=NOON)

    assert of_site(database, site)["A one comment"].source is LabelSource.QUIET


def test_another_sites_decisions_teach_nothing(database: Database, other_site: Site, decided: None) -> None:
    assert of_site(database, other_site) == {}


def test_the_examples_are_found_by_indexes(sqlite_database: Database, site: Site) -> None:
    asked = Asked(sqlite_database)

    with asked.listening():
        of_site(sqlite_database, site)

    plans = [" ".join(steps(said, given)) for said, given in asked.statements]
    assert len(plans) == 4
    assert asked.scans() == []
    assert not any("SCAN" in plan for plan in plans)
    assert "ix_comments_site_listing" in plans[3]
