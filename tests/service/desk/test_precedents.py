"""The comment card shows what people here decided on the comments most like it."""

from __future__ import annotations

from moderation.model import Comment, Vector
from moderation.store import vectors
from moderation.store.database import Database
from moderation.store.vectors import Kept
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast

NEAR, NEARER = Vector("some@1", b"\x06\xfa" * 190 + b"\x00\x09\x00\x00"), Vector("some@1", b"\x06\xfa" * 192)


def keep(database: Database, comment: Comment, vector: Vector) -> None:
    with database.write() as conn:
        vectors.keep(conn, [Kept(comment.id, comment.site_id, vector)])


def test_the_card_leads_to_alike_comments_with_what_was_decided_and_why(
    cast: Cast, ana: Browser, carla: Browser
) -> None:
    asked = cast.flagged("You are a fool and so is the mayor.")
    published, rejected = cast.flagged("The mayor is a fool."), cast.flagged("You wankers, the lot of you.")
    elsewhere = cast.flagged("Fools there, too.", site=cast.courier)
    for comment, vector in ((asked, NEARER), (published, NEAR), (rejected, NEARER), (elsewhere, NEARER)):
        keep(cast.database, comment, vector)
    assert "Decided before" not in ana.get(f"/desk/review/{asked.id}").text
    ana.get(f"/desk/review/{rejected.id}").press("1 Insult or abuse")
    ana.get(f"/desk/review/{published.id}").press("Approve")
    carla.get(f"/desk/review/{elsewhere.id}").press("1 Insult or abuse")

    html = ana.get(f"/desk/review/{asked.id}").html

    section = html.select_one("section[aria-labelledby=precedents-title]")
    assert section is not None
    first, second = (" ".join(line.get_text(" ").split()) for line in section.select("li"))
    assert first.startswith("rejected Insult or abuse by Ana ") and first.endswith("the lot of you.")
    assert second.startswith("published by Ana ") and second.endswith("The mayor is a fool.")
    assert [link["href"] for link in section.select("a")] == [f"/desk/comments/{c.id}" for c in (rejected, published)]
    assert {tuple(mark["class"]) for mark in section.select("a mark")} == {("masked",)}
