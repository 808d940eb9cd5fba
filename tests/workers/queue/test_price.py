"""The price of a comment beside the encoder, in counts: what a batch asks of the disk, the clock, Redis and the
database."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from moderation.ground.database.engine import Database
from moderation.ground.jobs.jobs import Queues
from moderation.judging.text import word_lists
from moderation.sites.rows import Site
from tests.builders import NOON
from tests.moderation.conftest import Newsroom, add_site
from tests.ticking import TickingClock
from workers.queue.pipeline import Pipeline
from workers.queue.tasks import search_seldom_for_garbage
from workers.scoring.scorer import Scorer

HELD = "You women are stupid idiots, and I would knock your block off if the harbour were mine to rule."
CALM = "The harbour bridge took eight years to build, and the council still owes the town an answer about it."
MOST_STATEMENTS, MOST_LOOKS = 53, 20  # of a batch of near copies, with what second readers said; of one comment
LISTS = str(Path(word_lists.__file__).parents[1])

_opened: list[str] | None = None


def _note(event: str, about: tuple[object, ...]) -> None:
    if _opened is not None and event in ("open", "os.scandir", "os.listdir") and str(about[0]).startswith(LISTS):
        _opened.append(str(about[0]))


sys.addaudithook(_note)


@contextmanager
def noted_lists() -> Iterator[list[str]]:
    """The files and folders of word lists that are opened meanwhile."""
    global _opened  # noqa: PLW0603 - an audit hook stays for as long as the process does
    _opened = []
    try:
        yield _opened
    finally:
        _opened = None


@pytest.fixture
def site(database: Database) -> Site:
    with database.write() as conn:
        return add_site(conn, "The Herald")


@pytest.fixture
def newsroom(database: Database, queues: Queues, site: Site) -> Newsroom:
    return Newsroom(database, queues, site)


def batch(newsroom: Newsroom, name: str) -> list[str]:
    """Comments of which half are held, and so explained."""
    said = {f"{name}-{n}": f"{text} {name} {n}" for n, text in enumerate((HELD, CALM) * 8)}
    return [newsroom.post(text, author_id=f"u-{id}", id=id).comment.id for id, text in said.items()]


def test_no_word_list_is_read_again(database: Database, queues: Queues, newsroom: Newsroom, scorer: Scorer) -> None:
    pipeline = Pipeline(database, queues, scorer, now=lambda: NOON)
    pipeline.score(batch(newsroom, "first"))

    with noted_lists() as opened:
        pipeline.score(batch(newsroom, "second"))

    assert opened == []


def test_a_language_that_nobody_asked_about_before_opens_no_file_twice() -> None:
    word_lists.has_word_list("function/en")

    with noted_lists() as opened:
        asked: Mapping[str, bool] = {name: word_lists.has_word_list(name) for name in ("function/xx", "../en", "weak")}

    assert asked == {"function/xx": False, "../en": False, "weak": True}
    assert opened == []


@pytest.fixture
def statements(database: Database) -> Iterator[list[str]]:
    """All that are sent to the database, one for many rows together."""
    sent = list[str]()

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", note)
    yield sent
    sa.event.remove(database.engine, "before_cursor_execute", note)


def test_a_batch_asks_the_database_some_fifty_times(
    database: Database, queues: Queues, newsroom: Newsroom, scorer: Scorer, statements: list[str]
) -> None:
    pipeline = Pipeline(database, queues, scorer, now=lambda: NOON)
    pipeline.score(batch(newsroom, "first"))
    ids = batch(newsroom, "second")
    statements.clear()

    pipeline.score(ids)

    assert len(statements) <= MOST_STATEMENTS


def test_a_comment_of_a_few_hundred_letters_looks_at_the_clock_a_few_times(
    database: Database, queues: Queues, newsroom: Newsroom, scorer: Scorer
) -> None:
    clock = TickingClock(0.0)
    pipeline = Pipeline(database, queues, scorer, now=lambda: NOON, clock=clock)
    pipeline.score(batch(newsroom, "first"))
    ids, before = batch(newsroom, "second"), clock.looks

    pipeline.score(ids)

    assert clock.looks - before <= MOST_LOOKS * len(ids)


@pytest.fixture
def searches() -> Iterator[list[str]]:
    """The beginnings of searches for garbage, as seldom as in a worker."""
    seldom, begun = gc.get_threshold(), list[str]()

    def note(phase: str, _about: object) -> None:
        if phase == "start":
            begun.append(phase)

    search_seldom_for_garbage()
    gc.callbacks.append(note)
    yield begun
    gc.callbacks.remove(note)
    gc.set_threshold(*seldom)


def test_few_batches_stop_for_a_search_for_garbage(
    database: Database, queues: Queues, newsroom: Newsroom, scorer: Scorer, searches: list[str]
) -> None:
    pipeline = Pipeline(database, queues, scorer, now=lambda: NOON)
    pipeline.score(batch(newsroom, "first"))
    ids = batch(newsroom, "second")
    searches.clear()

    pipeline.score(ids)

    assert len(searches) <= 1
