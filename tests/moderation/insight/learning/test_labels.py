"""Which decisions count as labels, and how learnt weights come into force, on both databases."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from moderation.ground.database.engine import Database
from moderation.ground.errors import NotFound
from moderation.ground.values.statuses import Action
from moderation.insight.learning import example_rows as examples
from moderation.insight.learning import rows as learning
from moderation.insight.learning import site_weights
from moderation.moderators.review import api_decisions
from moderation.sites.audit import rows as audit_entries
from moderation.sites.rows import Site
from moderation.sites.settings.rejection_reasons import SPAM_REASON
from moderation.spine.comments.rows import get_comment
from moderation.spine.comments.tables import comments
from tests.builders import NOON, OPERATOR
from tests.moderation.conftest import Newsroom
from tests.service.bodies import settle


def flagged(database: Database, newsroom: Newsroom, name: str, text: str) -> None:
    newsroom.post(text, id=name)
    settle(database, newsroom.site.id, name, Action.FLAG)


def decide(database: Database, site: Site, name: str, action: Action, reason: str | None = None) -> None:
    with database.read() as conn:
        version = get_comment(conn, site.id, name).version
    api_decisions.rule(database, site.id, name, action, version=version, reason=reason, now=NOON)


def labels(database: Database, site: Site, most: int = 100) -> list[tuple[str, str | None]]:
    with database.read() as conn:
        return [(one.text, one.reason) for one in examples.decided_by_people(conn, site.id, most=most)]


@pytest.fixture
def three(database: Database, newsroom: Newsroom, site: Site) -> None:
    for name in ("good", "bad", "rude"):
        flagged(database, newsroom, name, f"A {name} comment")
    decide(database, site, "good", Action.PUBLISH)
    decide(database, site, "bad", Action.REJECT, SPAM_REASON)
    decide(database, site, "rude", Action.REJECT, "Insult or abuse")


@pytest.mark.usefixtures("three")
def test_peoples_decisions_are_labels_in_their_order(database: Database, site: Site) -> None:
    assert labels(database, site) == [
        ("A good comment", None),
        ("A bad comment", SPAM_REASON),
        ("A rude comment", "Insult or abuse"),
    ]


@pytest.mark.usefixtures("three")
def test_the_newest_count_when_there_are_too_many(database: Database, site: Site) -> None:
    assert [text for text, _ in labels(database, site, most=2)] == ["A bad comment", "A rude comment"]


def test_the_policys_decisions_teach_nothing(database: Database, newsroom: Newsroom, site: Site) -> None:
    newsroom.post("Published by rule", id="auto")
    settle(database, site.id, "auto", Action.PUBLISH)
    flagged(database, newsroom, "held", "Flagged by rule")

    assert labels(database, site) == []


@pytest.mark.usefixtures("three")
def test_the_last_decision_that_was_made_counts(database: Database, site: Site) -> None:
    decide(database, site, "bad", Action.PUBLISH)

    assert ("A bad comment", None) in labels(database, site)
    assert len(labels(database, site)) == 3


@pytest.mark.usefixtures("three")
def test_an_erased_text_and_another_sites_decisions_teach_nothing(
    database: Database, site: Site, other_site: Site
) -> None:
    with database.write() as conn:
        conn.execute(sa.update(comments).where(comments.c.external_id == "bad").values(text=""))

    assert [text for text, _ in labels(database, site)] == ["A good comment", "A rude comment"]
    assert labels(database, other_site) == []


def test_each_version_comes_into_force_and_earlier_ones_can_be_put_back(
    database: Database, site: Site, other_site: Site
) -> None:
    for weights in (b"first", b"second"):
        site_weights.put_into_force(database, site.id, "spam", weights, {"spam": 60}, by=OPERATOR, now=NOON)

    site_weights.go_back(database, site.id, "spam", 1, by=OPERATOR, now=NOON)

    with database.read() as conn:
        current = learning.current_weights(conn, site.id, "spam")
        assert current is not None
        assert (current.version, current.weights) == (1, b"first")
        assert [row.version for row in learning.versions(conn, site.id, "spam")] == [2, 1]
        assert learning.current_weights(conn, other_site.id, "spam") is None


def test_the_shipped_weights_can_be_put_back_and_a_third_version_follows(database: Database, site: Site) -> None:
    for _ in range(2):
        site_weights.put_into_force(database, site.id, "spam", b"learnt", {}, by=OPERATOR, now=NOON)
    site_weights.go_back(database, site.id, "spam", None, by=OPERATOR, now=NOON)
    with database.read() as conn:
        assert learning.current_version(conn, site.id, "spam") is None

    assert site_weights.put_into_force(database, site.id, "spam", b"new", {}, by=OPERATOR, now=NOON) == 3


def test_an_unknown_version_is_refused_and_changes_nothing(database: Database, site: Site) -> None:
    site_weights.put_into_force(database, site.id, "spam", b"learnt", {}, by=OPERATOR, now=NOON)

    with pytest.raises(NotFound):
        site_weights.go_back(database, site.id, "spam", 9, by=OPERATOR, now=NOON)

    with database.read() as conn:
        assert learning.current_version(conn, site.id, "spam") == 1
        entries = audit_entries.entries(conn, site.id, before=None, limit=9)
    assert [entry.action for entry in entries] == ["weights.learnt"]
    assert entries[0].after == {"version": 1}
