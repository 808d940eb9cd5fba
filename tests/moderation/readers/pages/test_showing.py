"""The comments that pages show are always the same as counted anew from the comments, whatever happened to them."""

from __future__ import annotations

import random
import runpy
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.values.statuses import CommentStatus, DecidedBy
from moderation.operations.operating.deleting import retention_rows as retention
from moderation.readers.pages import showing, showing_rows
from moderation.readers.pages.tables import shown_articles, shown_comments
from moderation.spine.comments import door
from moderation.spine.comments import rows as comments
from moderation.spine.comments.moves import Move
from moderation.spine.comments.tables import comments as all_comments
from tests.builders import NOON
from tests.moderation.conftest import Newsroom
from workers.sweeping.hourly import Hourly, mend_pages

STATUSES = (CommentStatus.PUBLISHED, CommentStatus.PUBLISHED, CommentStatus.FLAGGED, CommentStatus.REJECTED)
MIGRATIONS = Path(__file__).parents[4] / "migrations" / "versions"
TABLES = (shown_comments, shown_articles)

Rows = dict[str, tuple[Any, ...]]


def move(database: Database, id: str, to: CommentStatus, featured: bool | None = None) -> None:
    with database.write() as conn:
        comment = comments.get_by_id(conn, id)
        stays = comment.status is to and featured is None
        door.let_through(
            conn, [Move(comment, to, NOON, DecidedBy.MODERATOR, confirms=stays, featured=featured)], now=NOON
        )


def counted_anew(conn: Connection) -> None:
    """As the migration fills the tables."""
    for table in TABLES:
        conn.execute(table.delete())
    (migration,) = MIGRATIONS.glob("*_store_what_pages_show.py")
    for statement in runpy.run_path(str(migration))["FILLING"]:
        conn.execute(sa.text(statement))


def stored(conn: Connection) -> list[Rows]:
    """All but the versions."""
    return [
        {row[0]: tuple(row) for row in conn.execute(sa.select(*(c for c in table.c if c.name != "version")))}
        for table in TABLES
    ]


def test_threads_and_counts_agree_with_the_comments(database: Database, newsroom: Newsroom) -> None:
    chance = random.Random(11)
    ids: list[tuple[str, str, str]] = []
    for number in range(40):
        article = f"a-{number % 2}"
        above = [name for _, name, place in ids if place == article]
        parent = chance.choice([None, *above[-6:]]) if above else None
        text = "Why not?" if number % 3 else "It takes months. " * (number + 1)
        listed = newsroom.post(text, id=f"c-{number}", article_id=article, parent_id=parent)
        ids.append((listed.comment.id, f"c-{number}", article))
    for _ in range(200):
        move(database, chance.choice(ids)[0], chance.choice(STATUSES))

    with database.write() as conn:
        as_kept = stored(conn)
        counted_anew(conn)
        anew = stored(conn)
    # An article whose comments have all gone keeps its row, for its version
    as_kept[1] = {id: row for id, row in as_kept[1].items() if row[2:] != (0, 0)}
    assert as_kept == anew
    assert len(anew[0]) > 10


def test_every_change_raises_the_version_by_one(database: Database, newsroom: Newsroom) -> None:
    id = newsroom.post().comment.id
    seen = []
    for to, featured in (
        (CommentStatus.PUBLISHED, None),
        (CommentStatus.PUBLISHED, True),
        (CommentStatus.PUBLISHED, False),
        (CommentStatus.REJECTED, None),
        (CommentStatus.FLAGGED, None),
    ):
        move(database, id, to, featured)
        with database.read() as conn:
            seen.append(conn.execute(sa.select(shown_articles.c.version)).scalar_one())

    assert seen == [1, 2, 3, 4, 4]


def test_a_batch_shows_a_reply_and_what_it_answers(database: Database, newsroom: Newsroom) -> None:
    root = newsroom.post(id="c-1").comment
    reply = newsroom.post(id="c-2", parent_id="c-1").comment
    with database.write() as conn:
        moves = [Move(one, CommentStatus.PUBLISHED, NOON, DecidedBy.MODERATOR) for one in (reply, root)]
        door.let_through(conn, moves, now=NOON)

        shown = stored(conn)[0]

    assert shown[reply.id][3] == root.id
    assert (shown[root.id][5], shown[root.id][6]) == (False, 1)


@pytest.mark.parametrize("deleted", ["c-1", "c-2"])
def test_deleted_for_good_a_comment_leaves_its_page(database: Database, newsroom: Newsroom, deleted: str) -> None:
    ids = {}
    for id, parent in (("c-1", None), ("c-2", "c-1"), ("c-3", "c-2")):
        ids[id] = newsroom.post(id=id, parent_id=parent).comment.id
        move(database, ids[id], CommentStatus.PUBLISHED)

    with database.write() as conn:
        retention.delete_comments(conn, [ids[deleted]])
        shown, articles = stored(conn)
        left = conn.execute(sa.select(sa.func.count()).select_from(all_comments)).scalar_one()

    assert left == 2
    assert shown[ids["c-3"]][3] == ids["c-1"]  # the thread stays one
    assert shown[ids["c-1"]][5] is (deleted == "c-1")
    assert [row[2:] for row in articles.values()] == [(2, 1)]


def test_what_readers_never_saw_changes_nothing(database: Database, newsroom: Newsroom) -> None:
    id = newsroom.post().comment.id
    move(database, id, CommentStatus.FLAGGED)
    with database.write() as conn:
        showing.leave(conn, [id])

        assert stored(conn) == [{}, {}]


def test_what_an_earlier_version_did_is_put_right(database: Database, newsroom: Newsroom) -> None:
    ids = [newsroom.post(id=f"c-{number}").comment.id for number in range(3)]
    for id in ids[:2]:
        move(database, id, CommentStatus.PUBLISHED)
    with database.write() as conn:  # as if nobody followed
        for id, status in ((ids[1], CommentStatus.REJECTED), (ids[2], CommentStatus.PUBLISHED)):
            conn.execute(all_comments.update().where(all_comments.c.id == id).values(status=status))
    mender = Hourly(database, mend_pages)

    mender.step()

    with database.read() as conn:
        shown, articles = stored(conn)
        assert showing_rows.out_of_step(conn, since=ids[0], limit=10) == []
    assert set(shown) == {ids[0], ids[2]}
    assert [row[2:] for row in articles.values()] == [(2, 2)]


@pytest.mark.parametrize("articles", [1, 7])
def test_a_batch_raises_the_versions_of_its_articles_with_one_statement(
    database: Database, newsroom: Newsroom, articles: int
) -> None:
    posted = [newsroom.post("Why not?", id=f"c-{n}", article_id=f"a-{n}").comment for n in range(articles)]
    sent = list[str]()

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    with database.write() as conn:
        sa.event.listen(conn, "before_cursor_execute", note)
        for _ in range(2):
            showing_rows.change(conn, {(comment.article_id, comment.site_id) for comment in posted})
        versions = conn.execute(sa.select(shown_articles.c.version)).scalars().all()

    assert sum("INSERT INTO shown_articles" in statement for statement in sent) == 2
    assert list(versions) == [2] * articles
