"""The comment card shows what people here decided on the comments most like it, and the words that count for them."""

from __future__ import annotations

from collections.abc import Mapping

from moderation.ground.database.engine import Database
from moderation.ground.values.comments import Comment
from moderation.ground.values.json_form import signal_to_json
from moderation.ground.values.signals import LikelyReason, Signal, Vector
from moderation.insight.checks import rows as checks
from moderation.insight.learning import rows as learning
from moderation.insight.learning import vector_rows as vectors
from moderation.insight.learning.vector_rows import KeptVector
from moderation.sites.rows import Site
from moderation.spine.comments.tables import scorings
from tests.builders import a_check
from tests.own_databases import ON_BOTH
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast

NEAR, NEARER = Vector("some@1", b"\x06\xfa" * 190 + b"\x00\x09\x00\x00"), Vector("some@1", b"\x06\xfa" * 192)


def keep(database: Database, comment: Comment, vector: Vector) -> None:
    with database.write() as conn:
        vectors.keep(conn, [KeptVector(comment.id, comment.site_id, vector)])


@ON_BOTH
def test_the_card_leads_to_alike_comments_with_what_was_decided_and_why(
    cast: Cast, ana: Browser, carla: Browser
) -> None:
    asked = cast.flagged("You are a fool and so is the mayor.")
    published, rejected = cast.flagged("The mayor is a fool."), cast.flagged("You wankers, the lot of you.")
    elsewhere = cast.flagged("Fools there, too.", site=cast.courier)
    for comment, vector in ((asked, NEARER), (published, NEAR), (rejected, NEARER), (elsewhere, NEARER)):
        keep(cast.database, comment, vector)
    assert "Decided before" not in ana.get(f"/desk/review/{asked.id}").text
    ana.get(f"/desk/review/{rejected.id}").press("Reject as insult or abuse")
    ana.get(f"/desk/review/{published.id}").press("Approve")
    carla.get(f"/desk/review/{elsewhere.id}").press("Reject as insult or abuse")

    html = ana.get(f"/desk/review/{asked.id}").html

    section = html.select_one("section[aria-labelledby=precedents-title]")
    assert section is not None
    first, second = (" ".join(line.get_text(" ").split()) for line in section.select("li"))
    assert first.startswith("rejected Insult or abuse by Ana just now") and first.endswith("the lot of you.")
    assert second.startswith("published by Ana just now") and second.endswith("The mayor is a fool.")
    assert [link["href"] for link in section.select("a")] == [f"/desk/comments/{c.id}" for c in (rejected, published)]
    assert {tuple(mark["class"]) for mark in section.select("a mark")} == {("masked",)}


WORDS = {"for": [["fool", 2.5], ["wankers", 2.0], ["mayor", 0.5]], "against": [["thank", -1.5], ["ferry", -0.5]]}


def learnt(cast: Cast, site: Site, words: Mapping[str, object]) -> str:
    with cast.database.write() as conn:
        return f"house@{learning.insert_weights(conn, site.id, 'house', b'', {'words': words}, now=cast.now)}"


@ON_BOTH
def test_the_card_names_the_words_that_count_in_the_model_that_scored_the_comment(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged("Th\u0430nk the FOOL of a mayor, you wankers.")
    assert "Words that count here" not in ana.get(f"/desk/review/{comment.id}").text
    used = learnt(cast, cast.herald, WORDS)
    learnt(cast, cast.herald, {"for": [["of", 9.0]]})
    learnt(cast, cast.courier, {"for": [["you", 9.0]]})
    with cast.database.write() as conn:
        named = {"toxicity": "minilm-l6@test", "house": used}
        conn.execute(scorings.update().where(scorings.c.comment_id == comment.id).values(models=named))

    html = ana.get(f"/desk/review/{comment.id}").html

    section = html.select_one("section[aria-labelledby=house-words-title]")
    assert section is not None
    assert "house model 1" in str(section.select_one("h3[title]"))
    against, in_favour = section.select("p:not(.meaning)")
    assert [word.get_text() for word in against.select("q")] == ["fool", "hidden wordwankers", "mayor"]
    assert [word.get_text() for word in in_favour.select("q")] == ["thank"]


def finds_likely(cast: Cast, comment: Comment) -> None:
    """The house model of the site scored the comment, and named two reasons."""
    likely = (LikelyReason("Insult or abuse", 0.714), LikelyReason("Off topic", 0.12))
    signal = Signal("house", 0.8, "house@1", likely=likely)
    with cast.database.write() as conn:
        mine = scorings.c.comment_id == comment.id
        conn.execute(scorings.update().where(mine).values(signals=[signal_to_json(signal)]))


def test_the_card_names_the_reasons_that_the_house_model_finds_likely(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged()
    assert "Likely reasons" not in ana.get(f"/desk/review/{comment.id}").text
    finds_likely(cast, comment)

    assert "Likely reasons: Insult or abuse 71%, Off topic 12%" in ana.get(f"/desk/review/{comment.id}").text


def test_a_blind_check_names_no_likely_reason(cast: Cast, ana: Browser) -> None:
    comment = cast.published()
    finds_likely(cast, comment)
    with cast.database.write() as conn:
        waits = {"decided_at": None, "outcome": None}
        checks.insert(conn, [a_check(comment_id=comment.id, site_id=cast.herald.id, drawn_at=cast.now, **waits)])

    page = ana.get(f"/desk/review/{comment.id}")

    assert page.path == f"/desk/checks/{comment.id}"
    assert "Likely" not in page.text and "71%" not in page.text
