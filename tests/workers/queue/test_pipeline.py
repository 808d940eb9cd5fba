"""From waiting to decided with a scorer that knows two words, on both databases and a real queue."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa
from rq.timeouts import JobTimeoutException

from moderation.ground.database.engine import Database, storage_is_away
from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.articles import ArticleState
from moderation.ground.values.signals import Signal, Span, Vector
from moderation.ground.values.statuses import CommentStatus, DecidedBy
from moderation.judging.policy import documents
from moderation.judging.policy.default import default_policy
from moderation.judging.text import reading
from moderation.judging.text.lists.prepared_list import Literals
from moderation.moderators.campaigns import candidate_rows as candidates
from moderation.pipeline.arriving import intake
from moderation.pipeline.rescoring import rows as rescores
from moderation.sites import rows as sites
from moderation.sites.rows import PolicyRow, Site
from moderation.sites.settings.values import SiteSettings
from moderation.spine.articles import rows as article_store
from moderation.spine.articles.tables import authors
from moderation.spine.comments import rows as comment_store
from moderation.spine.comments.tables import comments, decisions, fingerprint_bands, scorings
from tests.builders import NOON
from tests.moderation.conftest import Newsroom, add_site
from tests.statements import Asked, steps
from tests.ticking import TickingClock
from workers.queue.pipeline import Pipeline
from workers.scoring.scorable import Scorable, Unexplained

ADVERT = "Buy our finest garden furniture today with free delivery to every county in the land"


class WordScorer:
    """Toxic when the text says "vile", off topic when it says "soup", silent when it says "mute".

    Of what says "unkeepable" it finds a language that no database keeps.
    """

    models: Mapping[str, str] = {"toxicity": "words@1"}

    def __init__(self) -> None:
        self.before_scoring: Callable[[], None] = lambda: None
        self.can_explain = True
        self.seen: list[Scorable] = []

    def score(self, batch: Sequence[Scorable]) -> list[tuple[Signal, ...]]:
        self.before_scoring()
        self.seen += batch
        return [self._signals(one.text) for one in batch]

    def _signals(self, text: str) -> tuple[Signal, ...]:
        toxicity = None if "mute" in text else 0.95 if "vile" in text else 0.05
        return (
            Signal("toxicity", toxicity, "words@1"),
            Signal("relevance", 0.01 if "soup" in text else 0.9, "words@1"),
            Signal("language.supported", 1.0, "lang:\ud800" if "unkeepable" in text else "lang:en"),
        )

    def vectors(self, batch: Sequence[Scorable]) -> list[Vector | None]:
        """The beginning of the text, as if it had a direction. Nothing reads what is "mute"."""
        return [None if "mute" in one.text else Vector("words@1", one.text[:8].encode()) for one in batch]

    def explain(self, asked: Sequence[Unexplained]) -> list[dict[str, tuple[Span, ...]]]:
        if not self.can_explain or any("unspeakable" in one.scorable.text for one in asked):
            raise RuntimeError("out of words")
        starts = [one.scorable.text.find("vile") for one in asked]
        return [dict.fromkeys(one.signals, (Span(at, at + 4),)) for one, at in zip(asked, starts, strict=True)]


@pytest.fixture
def site(database: Database) -> Site:
    with database.write() as conn:
        return add_site(conn, "The Herald")


@pytest.fixture
def newsroom(database: Database, queues: Queues, site: Site) -> Newsroom:
    return Newsroom(database, queues, site)


@pytest.fixture
def scorer() -> WordScorer:
    return WordScorer()


@pytest.fixture
def pipeline(database: Database, queues: Queues, scorer: WordScorer) -> Pipeline:
    return Pipeline(database, queues, scorer, now=lambda: NOON)  # type: ignore[arg-type]


def decide(pipeline: Pipeline, *posted: comment_store.Listed) -> dict[str, sa.Row[tuple[object, ...]]]:
    """Scores what was posted and returns each newest decision by the site's id."""
    assert pipeline.score([listed.comment.id for listed in posted]) == [None] * len(posted)
    query = (
        sa.select(comments.c.external_id, comments.c.status, decisions)
        .join(decisions, decisions.c.comment_id == comments.c.id)
        .order_by(decisions.c.version)
    )
    with pipeline.database.read() as conn:
        return {row.external_id: row for row in conn.execute(query)}


def codes(row: sa.Row[tuple[object, ...]]) -> list[str]:
    return [reason["signal"] or reason["code"] for reason in row.reasons]


def test_a_comment_that_the_database_refuses_fails_alone_and_the_others_of_its_batch_are_decided(
    newsroom: Newsroom, pipeline: Pipeline
) -> None:
    posted = [newsroom.post(text).comment.id for text in ("Civil.", "An unkeepable one.", "A vile one.")]

    first, refused, last = pipeline.score(posted)

    assert (first, last) == (None, None)
    assert refused is not None and not storage_is_away(refused)
    with pipeline.database.read() as conn:
        found = [comment_store.get_by_id(conn, id).status for id in posted]
        kept = conn.execute(sa.select(scorings.c.comment_id).order_by(scorings.c.comment_id)).scalars().all()
    assert found == [CommentStatus.PUBLISHED, CommentStatus.WAITING, CommentStatus.FLAGGED]
    assert kept == [posted[0], posted[2]]


def test_a_comment_scored_again_that_the_database_refuses_fails_alone(newsroom: Newsroom, pipeline: Pipeline) -> None:
    posted = [newsroom.post(text).comment.id for text in ("Civil.", "Unkept.", "Civil too.")]
    pipeline.score(posted)
    with pipeline.database.write() as conn:
        run = rescores.new_run_id()
        rescores.insert_marks(conn, [rescores.RescoreMark(id, run, rescores.Cause.MODELS, NOON) for id in posted])
        conn.execute(comments.update().where(comments.c.id == posted[1]).values(text="An unkeepable one."))

    first, refused, last = pipeline.score(posted)

    assert (first, last) == (None, None)
    assert refused is not None
    with pipeline.database.read() as conn:
        assert set(rescores.marks_of(conn, posted)) == {posted[1]}


def test_civil_comments_are_published_and_vile_ones_flagged_with_the_words(
    newsroom: Newsroom, pipeline: Pipeline
) -> None:
    decided = decide(pipeline, newsroom.post("Fair point.", id="n-1"), newsroom.post("You vile man.", id="n-2"))

    assert (decided["n-1"].status, decided["n-2"].status) == ("published", "flagged")
    (reason,) = decided["n-2"].reasons
    assert (reason["signal"], reason["value"], reason["limit"]) == ("toxicity", 0.95, 0.81)
    assert [(s["start"], s["end"]) for s in reason["evidence"]] == [(4, 8)]
    assert decided["n-2"].decided_by == DecidedBy.POLICY
    assert decided["n-2"].policy_version == 1


def test_the_scorer_reads_all_that_the_site_says_of_the_article(
    newsroom: Newsroom, pipeline: Pipeline, scorer: WordScorer
) -> None:
    said = {"title": "Quota cut", "summary": "Crews protest.", "text": "On Monday.", "section": "sea", "tags": ["cod"]}
    with newsroom.database.write() as conn:
        article_store.insert_article(conn, newsroom.site.id, "a-1", said, now=NOON)
    first = newsroom.post(id="n-1")

    decide(pipeline, first, newsroom.post(id="n-2", parent_id="n-1", text="Months? Years."))
    decide(pipeline, newsroom.post(id="n-3", article=(("summary", "Crews give up."),)))

    one, reply, later = scorer.seen
    assert (one.title, one.summary, one.article_text) == ("Quota cut", "Crews protest.", "On Monday.")
    assert (one.section, one.tags, one.parent_text) == ("sea", ("cod",), None)
    assert (reply.parent_text, reply.article_key) == (first.comment.text, one.article_key)
    assert later.summary == "Crews give up."
    assert later.article_key != one.article_key


def test_a_missing_signal_sends_the_comment_to_a_person(newsroom: Newsroom, pipeline: Pipeline) -> None:
    decided = decide(pipeline, newsroom.post("A mute remark.", id="n-1"))

    assert decided["n-1"].status == "flagged"
    assert codes(decided["n-1"]) == ["toxicity"]
    assert decided["n-1"].reasons[0]["code"] == "missing"


def banning(newsroom: Newsroom, *words: str) -> None:
    document = documents.dump(default_policy()) | {"banned_words": list(words)}
    with newsroom.database.write() as conn:
        sites.insert_policy(conn, newsroom.site.id, PolicyRow(2, document, None, "test", NOON))


def test_an_entry_and_its_longer_form_at_the_end_of_a_text_are_no_trouble(
    newsroom: Newsroom, pipeline: Pipeline
) -> None:
    banning(newsroom, "🖕", "🖕🏽")

    decided = decide(pipeline, newsroom.post("Off you go 🖕", id="n-1"), newsroom.post("Well said.", id="n-2"))

    assert [decided[name].status for name in ("n-1", "n-2")] == ["flagged", "published"]
    assert codes(decided["n-1"]) == ["words.banned"]
    assert decided["n-1"].reasons[0]["code"] == "rule"


def test_a_rule_that_breaks_costs_one_comment_one_signal_and_is_named(
    newsroom: Newsroom, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(self: Literals, text: str) -> Iterator[tuple[int, int]]:
        yield from [(0, len(text) + 1)] if "🖕" in self.entries and "🖕" in text else []

    monkeypatch.setattr(Literals, "places", broken)
    banning(newsroom, "idiot", "🖕")

    posted = newsroom.post("Off you go 🖕", id="n-1"), newsroom.post("Well said.", id="n-2")
    decided = decide(pipeline, *posted)

    assert [decided[name].status for name in ("n-1", "n-2")] == ["flagged", "published"]
    (reason,) = decided["n-1"].reasons
    assert (reason["code"], reason["signal"]) == ("missing", "words.banned")
    assert reason["detail"].startswith("no value: rules failed: IndexError in origin, line ")
    assert reason["detail"].endswith(", searching for '🖕'")
    assert f"words.banned broke on the comment {posted[0].comment.id}" in caplog.text
    assert "searching for '🖕'" in caplog.text


def test_words_that_cannot_be_found_do_not_stop_the_decision(
    newsroom: Newsroom, pipeline: Pipeline, scorer: WordScorer
) -> None:
    scorer.can_explain = False

    decided = decide(pipeline, newsroom.post("You vile man.", id="n-1"))

    assert decided["n-1"].status == "flagged"
    assert decided["n-1"].reasons[0]["evidence"] == []


def test_a_batch_that_runs_out_of_its_time_is_tried_again(
    newsroom: Newsroom, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted = newsroom.post("You vile man.", id="n-1")

    def ring(_asked: object) -> None:
        raise JobTimeoutException("after 60 s")

    monkeypatch.setattr(pipeline.scorer, "explain", ring)

    with pytest.raises(JobTimeoutException):
        pipeline.score([posted.comment.id])


def test_a_comment_that_cannot_be_explained_costs_its_neighbours_nothing(
    newsroom: Newsroom, pipeline: Pipeline
) -> None:
    decided = decide(
        pipeline, newsroom.post("An unspeakable, vile man.", id="n-1"), newsroom.post("You vile man.", id="n-2")
    )

    assert [decided[one].status for one in ("n-1", "n-2")] == ["flagged", "flagged"]
    assert decided["n-1"].reasons[0]["evidence"] == []
    assert [(s["start"], s["end"]) for s in decided["n-2"].reasons[0]["evidence"]] == [(4, 8)]


def test_the_language_of_a_scoring_is_the_one_that_its_signals_name(newsroom: Newsroom, pipeline: Pipeline) -> None:
    posted = newsroom.post("Fair point.", id="n-1")

    decide(pipeline, posted)

    with pipeline.database.read() as conn:
        scoring = conn.execute(sa.select(scorings).where(scorings.c.comment_id == posted.comment.id)).one()
    assert scoring.language == "en"


def test_copies_are_counted_within_a_batch_and_across_batches(newsroom: Newsroom, pipeline: Pipeline) -> None:
    first = [newsroom.post(f"{ADVERT}{mark}", id=f"n-{n}", author_id=f"u-{n}") for n, mark in enumerate(("", "!", "?"))]
    decided = decide(pipeline, *first)
    later = decide(pipeline, newsroom.post(ADVERT.upper().capitalize(), id="n-3", author_id="u-3"))

    assert [decided[f"n-{n}"].status for n in range(3)] == ["published", "published", "flagged"]
    assert later["n-3"].status == "flagged"
    assert codes(later["n-3"]) == ["repeat", "campaign"]
    assert later["n-3"].reasons[0]["value"] == 3


def test_of_a_text_that_thousands_post_no_more_copies_are_read_than_tell_so(
    newsroom: Newsroom, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "MOST_OF_A_BAND", 3)
    decide(pipeline, *(newsroom.post(ADVERT, id=f"n-{n}", author_id=f"u-{n}") for n in range(6)))

    decided = decide(pipeline, newsroom.post(ADVERT, id="n-6", author_id="u-6"))

    assert {reason["signal"]: reason["value"] for reason in decided["n-6"].reasons}["repeat"] == 3


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_copies_are_found_off_an_index_newest_first(newsroom: Newsroom, pipeline: Pipeline) -> None:
    asked = Asked(pipeline.database)

    with asked.listening():
        decide(pipeline, newsroom.post(ADVERT, id="n-1"))

    ((statement, parameters),) = [each for each in asked.statements if "fingerprint_bands" in each[0]]
    taken = steps(statement, parameters)
    assert sum("(site_id=? AND band=?)" in step for step in taken) == 4
    assert not any("ORDER BY" in step for step in taken)


def test_copies_on_another_site_do_not_count(
    newsroom: Newsroom, pipeline: Pipeline, database: Database, queues: Queues
) -> None:
    with database.write() as conn:
        elsewhere = Newsroom(database, queues, add_site(conn, "The Courier"))
    decide(pipeline, *(elsewhere.post(ADVERT, id=f"e-{n}") for n in range(3)))

    decided = decide(pipeline, newsroom.post(ADVERT, id="n-1"))

    assert decided["n-1"].status == "published"


def test_a_fingerprint_is_made_once_a_comment(
    newsroom: Newsroom, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted = [newsroom.post(ADVERT, id=f"n-{n}") for n in range(3)]
    made: list[str] = []

    def words(searched: str) -> list[str]:
        made.append(searched)
        return searched.split()

    monkeypatch.setattr(reading, "compared_words", words)
    decide(pipeline, *posted)

    assert made == [ADVERT.lower()] * len(posted)


def test_an_edit_replaces_the_fingerprint(newsroom: Newsroom, pipeline: Pipeline, queues: Queues) -> None:
    listed = newsroom.post(ADVERT, id="n-1")
    decide(pipeline, listed)
    intake.edit(pipeline.database, queues, newsroom.site.id, "n-1", "Short now.", now=NOON)

    decide(pipeline, listed)

    with pipeline.database.read() as conn:
        kept = conn.execute(sa.select(sa.func.count()).select_from(fingerprint_bands)).scalar_one()
        assert comment_store.get_by_id(conn, listed.comment.id).version == 4
    assert kept == 0


def test_a_premoderated_article_sends_everything_to_a_person(newsroom: Newsroom, pipeline: Pipeline) -> None:
    with newsroom.database.write() as conn:
        values = {"state": ArticleState.PREMODERATED}
        article_store.insert_article(conn, newsroom.site.id, "a-1", values, now=NOON)

    decided = decide(pipeline, newsroom.post("Fair point.", id="n-1"))

    assert (decided["n-1"].status, codes(decided["n-1"])) == ("flagged", ["premoderated"])


@pytest.mark.parametrize(("until", "status"), [(None, "flagged"), (1, "flagged"), (0, "published"), (-1, "published")])
def test_an_author_on_hold_is_seen_by_a_person_until_the_mark_expires(
    newsroom: Newsroom, pipeline: Pipeline, until: int | None, status: str
) -> None:
    listed = newsroom.post("Fair point.", id="n-1")
    ends = None if until is None else NOON + timedelta(seconds=until)
    with newsroom.database.write() as conn:
        conn.execute(authors.update().values(standing="hold", standing_until=ends))

    assert decide(pipeline, listed)["n-1"].status == status


def test_a_section_may_have_its_own_limits(newsroom: Newsroom, pipeline: Pipeline) -> None:
    document = documents.dump(default_policy())
    document["sections"] = {"recipes": {"without": ["relevance"]}}
    with newsroom.database.write() as conn:
        sites.insert_policy(conn, newsroom.site.id, PolicyRow(2, document, None, "test", NOON))
    soup = "My soup needs leeks."

    decided = decide(
        pipeline,
        newsroom.post(soup, id="n-1", article_id="a-1"),
        newsroom.post(soup, id="n-2", article_id="a-2", article=(("section", "recipes"),)),
    )

    assert (decided["n-1"].status, decided["n-2"].status) == ("flagged", "published")
    assert decided["n-1"].policy_version == 2


def test_a_comment_edited_while_it_is_scored_waits_for_its_own_scoring(
    newsroom: Newsroom, pipeline: Pipeline, scorer: WordScorer, queues: Queues
) -> None:
    listed = newsroom.post("Fair point.", id="n-1")

    def edit() -> None:
        intake.edit(pipeline.database, queues, newsroom.site.id, "n-1", "You vile man.", now=NOON)

    scorer.before_scoring = edit
    assert decide(pipeline, listed) == {}

    scorer.before_scoring = lambda: None
    assert decide(pipeline, listed)["n-1"].status == "flagged"


def test_a_comment_withdrawn_while_it_is_scored_stays_withdrawn(
    newsroom: Newsroom, pipeline: Pipeline, scorer: WordScorer
) -> None:
    listed = newsroom.post("Fair point.", id="n-1")

    def withdraw() -> None:
        intake.withdraw(pipeline.database, newsroom.site.id, "n-1", now=NOON)

    scorer.before_scoring = withdraw

    assert decide(pipeline, listed) == {}
    with pipeline.database.read() as conn:
        assert comment_store.get_by_id(conn, listed.comment.id).status is CommentStatus.WITHDRAWN
        assert conn.execute(sa.select(scorings)).all() == []


def test_a_decided_or_unknown_comment_is_done_already(newsroom: Newsroom, pipeline: Pipeline) -> None:
    listed = newsroom.post("Fair point.", id="n-1")
    decide(pipeline, listed)

    again = pipeline.score([listed.comment.id, "01900000-0000-7000-8000-000000000000"])

    assert again == [None, None]
    with pipeline.database.read() as conn:
        assert len(conn.execute(sa.select(decisions)).all()) == 1


def test_a_scorer_that_breaks_publishes_nothing(newsroom: Newsroom, pipeline: Pipeline, scorer: WordScorer) -> None:
    listed = newsroom.post("Fair point.", id="n-1")

    def breaks() -> None:
        raise MemoryError("no room for the model")

    scorer.before_scoring = breaks

    with pytest.raises(MemoryError):
        pipeline.score([listed.comment.id])
    with pipeline.database.read() as conn:
        assert comment_store.get_by_id(conn, listed.comment.id).status is CommentStatus.WAITING


COSTLY = "f**k id*ot " * 1_800  # each word is guessed


@pytest.fixture
def strict_pipeline(database: Database, queues: Queues, scorer: WordScorer) -> Pipeline:
    """Work is time here: each look at a comment's clock takes half a millisecond."""
    return Pipeline(database, queues, scorer, now=lambda: NOON, clock=TickingClock(0.0005))  # type: ignore[arg-type]


def test_a_comment_that_takes_too_long_to_read_goes_to_a_person_and_its_batch_goes_on(
    newsroom: Newsroom, strict_pipeline: Pipeline, scorer: WordScorer, database: Database, queues: Queues
) -> None:
    with database.write() as conn:
        elsewhere = Newsroom(database, queues, add_site(conn, "The Courier"))
    posted = [
        newsroom.post("Fair point.", id="n-1"),
        newsroom.post(COSTLY, id="n-2"),
        newsroom.post("You vile man.", id="n-3"),
        elsewhere.post("Fair point.", id="e-1"),
    ]

    decided = decide(strict_pipeline, *posted)

    assert {id: row.status for id, row in decided.items()} == {
        "n-1": "published", "n-2": "flagged", "n-3": "flagged", "e-1": "published",
    }  # fmt: skip
    assert codes(decided["n-2"]) == ["too_costly"]
    assert decided["n-2"].reasons[0]["detail"] == "took longer than 50 ms to read"
    assert decided["n-2"].decided_by == DecidedBy.SYSTEM
    assert COSTLY not in [one.text for one in scorer.seen]


def test_a_batch_of_nothing_but_costly_comments_is_decided(
    newsroom: Newsroom, strict_pipeline: Pipeline, scorer: WordScorer
) -> None:
    decided = decide(strict_pipeline, *(newsroom.post(COSTLY, id=f"n-{n}", author_id=f"u-{n}") for n in range(3)))

    assert [row.status for row in decided.values()] == ["flagged"] * 3
    assert scorer.seen == []


def test_time_spent_on_a_neighbour_counts_for_none(newsroom: Newsroom, strict_pipeline: Pipeline) -> None:
    many = [newsroom.post(f"Fair point {n}.", id=f"n-{n}", author_id=f"u-{n}") for n in range(10)]

    decided = decide(strict_pipeline, *many)

    assert {row.status for row in decided.values()} == {"published"}


def test_the_longest_ordinary_comment_is_read_in_its_time(newsroom: Newsroom, pipeline: Pipeline) -> None:
    prose = "The council votes on the tram line on Tuesday, and nobody has asked what it will cost us all. " * 210

    decided = decide(pipeline, newsroom.post(prose[:20_000], id="n-1"))

    assert decided["n-1"].status == "published"


def test_only_sites_with_a_webhook_are_told_at_once(newsroom: Newsroom, pipeline: Pipeline, queues: Queues) -> None:
    decide(pipeline, newsroom.post("Fair point.", id="n-1"))
    assert queues.depths()["deliver"] == 0

    with newsroom.database.write() as conn:
        sites.update_site_settings(conn, newsroom.site.id, SiteSettings(webhook_url="https://news.example/hook"))
    decide(pipeline, newsroom.post("Another.", id="n-2"))

    assert queues.depths()["deliver"] == 1


def test_a_language_that_the_site_holds_goes_to_a_person_with_that_reason(
    newsroom: Newsroom, pipeline: Pipeline, site: Site
) -> None:
    with pipeline.database.write() as conn:
        sites.update_site_settings(conn, site.id, SiteSettings(held_languages=("en",)))

    decided = decide(pipeline, newsroom.post("Fair point.", id="n-1"))

    assert (decided["n-1"].status, codes(decided["n-1"])) == (CommentStatus.FLAGGED, ["language.supported"])
    assert decided["n-1"].reasons[0]["detail"] == "the site sends comments in English to a person"
