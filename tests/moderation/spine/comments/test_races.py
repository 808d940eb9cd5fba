"""Authors edit and withdraw while workers decide: without a version they wait their turn and win."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from moderation.ground.database.engine import Database
from moderation.ground.errors import StaleVersion
from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.statuses import CommentStatus
from moderation.operations.composition import open_database
from moderation.pipeline.arriving import intake
from moderation.pipeline.arriving.submission import Submission
from moderation.pipeline.loading import rows as loading
from moderation.pipeline.settling import judgements as settling
from moderation.sites.rows import Site
from moderation.spine.articles.tables import authors
from moderation.spine.comments.moves import Judgement
from moderation.spine.comments.tables import comments, decisions
from moderation.spine.events import rows as event_store
from moderation.spine.events.tables import events
from tests.builders import NOON
from tests.conftest import free_port
from tests.moderation.conftest import Newsroom
from tests.moderation.spine.comments.test_door import judgement_of

POSTS = 300
AT_ONCE = 8  # writers beside two workers


def post_many(newsroom: Newsroom) -> list[str]:
    """A few authors, so that their records are fought over as well."""
    said = [
        Submission("a-1", f"u-{number % 5}", f"Comment number {number}.", id=f"n-{number}") for number in range(POSTS)
    ]
    intake.submit_many(newsroom.database, newsroom.queues, newsroom.site.id, said, now=NOON)
    return [one.id or "" for one in said]


def judged(database: Database) -> list[Judgement]:
    """All that waits, as a worker has just scored it: two thirds are flagged and one is published."""
    with database.read() as conn:
        waiting = list(conn.execute(sa.select(comments.c.id).where(comments.c.status == "waiting")).scalars())
        loaded = loading.load_waiting(conn, waiting)
    return [judgement_of(one, toxicity=0.99 if number % 3 else 0.1) for number, one in enumerate(loaded)]


def race(database: Database, site: Site, acts: Sequence[Callable[[], object]]) -> list[BaseException]:
    """Two workers settle everything in batches while the acts are done and events released. Gives what went wrong."""
    everything = judged(database)
    batches = [everything[at : at + 10] for at in range(0, POSTS, 10)]
    start = Barrier(AT_ONCE + 3)
    wrong: list[BaseException] = []

    def take_turns(share: Sequence[Callable[[], object]]) -> None:
        start.wait()
        for act in share:
            try:
                act()
            except Exception as e:  # noqa: BLE001 - every kind counts as one that went wrong
                wrong.append(e)

    def settle(batch: Sequence[Judgement]) -> Callable[[], object]:
        return lambda: settling.settle(database, batch, now=NOON)

    def release() -> None:
        with database.write() as conn:
            event_store.release_due(conn, site.id, now=NOON, limit=20)

    shares = [acts[n::AT_ONCE] for n in range(AT_ONCE)]
    workers = [[settle(batch) for batch in batches], [settle(batch) for batch in reversed(batches)]]
    with ThreadPoolExecutor(AT_ONCE + 3) as pool:
        for _ in pool.map(take_turns, [*shares, *workers, [release] * 40]):
            pass
    return wrong


def nothing_is_decided_twice(database: Database) -> bool:
    with database.read() as conn:
        every = conn.execute(sa.select(decisions.c.comment_id, decisions.c.version)).all()
        told = conn.execute(sa.select(sa.func.count()).where(events.c.decision_id.is_not(None))).scalar_one()
    return len(set(every)) == len(every) == told


def statuses(database: Database) -> Counter[str]:
    with database.read() as conn:
        return Counter(conn.execute(sa.select(comments.c.status)).scalars())


def records(database: Database) -> tuple[int, int]:
    with database.read() as conn:
        return tuple(conn.execute(sa.select(sa.func.sum(authors.c.published), sa.func.sum(authors.c.rejected))).one())


@pytest.fixture
def no_queues() -> Queues:
    """A queue server that is away: what is raced for lies in the database."""
    return Queues(Redis(port=free_port(), socket_connect_timeout=0.05, retry=Retry(NoBackoff(), 0)))


@pytest.fixture
def crowded(database: Database) -> Iterator[Database]:
    """Connections for all who write at once."""
    wide = open_database(database.url, pool_size=AT_ONCE + 4)
    yield wide
    wide.close()


def test_a_withdrawal_without_a_version_wins_over_any_decision(
    newsroom: Newsroom, crowded: Database, site: Site
) -> None:
    ids = post_many(newsroom)

    def withdraw(id: str) -> Callable[[], object]:
        return lambda: intake.withdraw(crowded, site.id, id, now=NOON)

    wrong = race(crowded, site, [withdraw(id) for id in ids])

    assert wrong == []
    assert statuses(crowded) == {CommentStatus.WITHDRAWN: POSTS}
    assert records(crowded) == (0, 0)
    assert nothing_is_decided_twice(crowded)


def test_an_edit_without_a_version_wins_over_any_decision(
    newsroom: Newsroom, crowded: Database, site: Site, no_queues: Queues
) -> None:
    ids = post_many(newsroom)

    def edit(id: str) -> Callable[[], object]:
        return lambda: intake.edit(crowded, no_queues, site.id, id, f"The new text of {id}.", now=NOON)

    wrong = race(crowded, site, [edit(id) for id in ids])

    assert wrong == []
    assert statuses(crowded) == {CommentStatus.WAITING: POSTS}
    with crowded.read() as conn:
        assert set(conn.execute(sa.select(comments.c.text)).scalars()) == {f"The new text of {id}." for id in ids}
    assert records(crowded) == (0, 0)
    assert nothing_is_decided_twice(crowded)


def test_an_edit_that_names_its_version_is_refused_where_a_worker_was_faster(
    newsroom: Newsroom, crowded: Database, site: Site, no_queues: Queues
) -> None:
    ids = post_many(newsroom)

    def edit(id: str) -> Callable[[], object]:
        return lambda: intake.edit(crowded, no_queues, site.id, id, "Another text.", now=NOON, version=1)

    wrong = race(crowded, site, [edit(id) for id in ids])

    assert {type(e) for e in wrong} <= {StaleVersion}
    found = statuses(crowded)
    assert found[CommentStatus.WAITING] == POSTS - len(wrong)
    assert records(crowded) == (found[CommentStatus.PUBLISHED], 0)
    assert nothing_is_decided_twice(crowded)
