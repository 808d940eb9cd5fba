"""A comment is read once, by the bundled models and all others together, and while no transaction is open."""

from __future__ import annotations

from collections import Counter

import pytest
import sqlalchemy as sa

from moderation.ground.database.engine import Database
from moderation.ground.jobs.jobs import Queues
from moderation.judging.text.letters import folding
from moderation.sites.rows import Site
from moderation.spine.comments.rows import Listed
from moderation.spine.comments.tables import fingerprint_bands
from tests.builders import NOON
from tests.moderation.conftest import Newsroom, add_site
from workers.queue.pipeline import Pipeline
from workers.scoring.scorer import Scorer

SPREAD = "Read this before they delete it: the mayor has sold the harbour to his own brother for one euro and a boat"
TEXTS = (
    "You women are stupid idiots, and the council should throw every one of you out of the harbour.",
    "Call me on +44 7700 900123 or see https://boats.example/cheap for the cheapest boats in the county",
    "Ich finde die neue Fähre gut, aber die alte war günstiger. Du bist ein dreckiger Hurensohn.",
    "Why was my comment deleted? This site removes every opinion that it does not like.",
    "The licеnce fоr every shipment will take months, says the f**king minister \U0001f595",
    SPREAD,
    SPREAD,
)


class Folds:
    """Every text that is folded, and how many transactions are open meanwhile."""

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self.texts: list[str] = []
        self.amid_transactions: list[str] = []
        self._open = 0
        for name, step in (("begin", 1), ("commit", -1), ("rollback", -1)):
            sa.event.listen(database.engine, name, lambda _conn, step=step: self._count(step))
        plain = folding._plain

        def noted(text: str) -> object:
            self.texts.append(text)
            if self._open:
                self.amid_transactions.append(text)
            return plain(text)

        monkeypatch.setattr(folding, "_plain", noted)

    def _count(self, step: int) -> None:
        self._open += step


@pytest.fixture
def site(database: Database) -> Site:
    with database.write() as conn:
        return add_site(conn, "The Herald")


@pytest.fixture
def posted(database: Database, queues: Queues, site: Site) -> list[Listed]:
    newsroom = Newsroom(database, queues, site)
    return [newsroom.post(text, author_id=f"u-{n}", id=f"c-{n}") for n, text in enumerate(TEXTS)]


def test_a_comment_is_read_once_and_while_no_transaction_is_open(
    database: Database, queues: Queues, posted: list[Listed], scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = Pipeline(database, queues, scorer, now=lambda: NOON)
    folds = Folds(database, monkeypatch)

    assert pipeline.score([listed.comment.id for listed in posted]) == [None] * len(posted)

    counted = Counter(folds.texts)
    assert {text: counted[text] for text in TEXTS} == dict(Counter(TEXTS))
    assert folds.amid_transactions == []
    with database.read() as conn:
        kept = conn.execute(sa.select(fingerprint_bands.c.comment_id).distinct()).scalars().all()
    assert set(kept) == {listed.comment.id for listed in posted}
