"""Every query of the desk walks an index, however many comments there are."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from moderation.ground.values.measures import Measure
from moderation.moderators.authors import taking_measures as author_measures
from moderation.sites import sites
from moderation.sites.settings.ladder import Climb, Ladder, Step
from service.desk.policy import replays
from tests.builders import OPERATOR
from tests.service.desk.browsing import SAME_ORIGIN, Browser
from tests.service.desk.cast import Cast
from tests.statements import Asked, steps, steps_in_postgres

PATHS = (
    "/desk/review", "/desk/list", "/desk/review?order=newest", "/desk/review?order=oldest",
    "/desk/review?order=toxicity", "/desk/review?order=relevance", "/desk/review?order=lightest",
    "/desk/review?signal=toxicity", "/desk/review?escalated=1", "/desk/history", "/desk/history?mine=1",
    "/desk/search?q=crane", "/desk/history?section=Sport",
    "/desk/decided?status=published", "/desk/decided?status=rejected&section=Sport",
    "/desk/history?outcome=rejected", "/desk/history?signal=toxicity", "/desk/bulk",
    "/desk/audit", "/desk/views", "/desk/policy", "/desk/trends", "/desk/campaigns",
    "/desk/checks", "/desk/learning/checks", "/desk/learning/bias", "/desk/learning/agreement",
    "/desk/learning", "/desk/learning/versions", "/desk/learning/shadow", "/desk/learning/limits",
    "/desk/appeals",
    "/desk/policy/override", "/desk/worth-reading", "/desk/reasons", "/desk/hints", "/desk/notices",
    "/desk/notices?state=open&days=over-1", "/desk/notices?state=upheld&flagger=no&language=de", "/desk/queue-changes",
    "/desk/modes", "/desk/arrivals?since=2026-01-01T00:00:00%2B00:00",
)  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("path", PATHS)
def test_no_page_walks_a_table(cast: Cast, ben: Browser, path: str) -> None:
    for number in range(3):
        cast.flagged(f"The crane {number}.", scores={"toxicity": 0.9})
    asked = Asked(cast.database)

    with asked.listening():
        assert ben.get(path).status == 200

    assert len(asked.statements) >= 3  # the moderator, and at least two that make up the page
    assert asked.scans() == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_search_that_names_no_author_does_not_walk_the_authors_of_the_site(cast: Cast, ben: Browser) -> None:
    cast.flagged("The crane.", author="Una")
    asked = Asked(cast.database)

    with asked.listening():
        assert ben.get("/desk/search?q=crane").status == 200

    of_authors = [statement for statement, _ in asked.statements if "FROM authors" in statement]
    assert of_authors
    assert not any("authors.id IN" in statement for statement in of_authors)  # an empty list, for which SQLite walks


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_authors_are_found_by_words_and_not_by_walking_the_site(cast: Cast, ben: Browser) -> None:
    for number in range(300):
        cast.waiting("The crane.", author=f"Una Prey {number}")
    with cast.database.write() as conn:
        conn.exec_driver_sql("ANALYZE authors")
    asked = Asked(cast.database)

    with asked.listening():
        ben.get("/desk/search?q=nobody")

    ((statement, parameters), _other_site) = [
        each for each in asked.statements if "FROM authors" in each[0] and "@@" in each[0]
    ]
    with cast.database.read() as conn:
        conn.exec_driver_sql("SET LOCAL enable_seqscan = off")  # small as the table is, else it would read it whole
        taken = [row[0] for row in conn.exec_driver_sql(f"EXPLAIN {statement}", parameters)]
    assert any("Bitmap Index Scan on ix_authors_words" in step for step in taken), taken


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_authors_that_a_search_found_are_looked_up_by_their_ids(cast: Cast, ben: Browser) -> None:
    cast.flagged("The crane.", author="Una Prey")
    asked = Asked(cast.database)

    with asked.listening():
        assert "Una Prey" in ben.get("/desk/search?q=prey").text

    of_authors = [each for each in asked.statements if "FROM authors" in each[0] and "authors.id IN" in each[0]]
    assert of_authors
    for statement, parameters in of_authors:
        assert steps(statement, parameters) == ["SEARCH authors USING INDEX sqlite_autoindex_authors_1 (id=?)"]


def test_a_persons_decisions_come_off_their_index_in_order(cast: Cast, ben: Browser) -> None:
    cast.flagged()
    ben.get("/desk/review").press("Approve")
    asked = Asked(cast.database)
    with cast.database.write() as conn:
        conn.exec_driver_sql("ANALYZE")  # or PostgreSQL plans by what it saw of an earlier test

    with asked.listening():
        assert "Undo : approved" in ben.get("/desk/history", mine="1").text

    walks = [each for each in asked.statements if "decisions.moderator_id = " in each[0] and "ORDER BY" in each[0]]
    walks = [each for each in walks if "decisions.site_id = " in each[0]]
    assert len(walks) == 2  # one for each site
    for statement, parameters in walks:
        if cast.database.is_sqlite:
            taken = steps(statement, parameters)
            assert " INDEX ix_decisions_person (site_id=? AND moderator_id=?" in taken[0]
        else:
            taken = steps_in_postgres(cast.database, statement, parameters)
            assert any("using ix_decisions_person on decisions" in step for step in taken)
        assert not any("TEMP B-TREE" in step or "Sort" in step for step in taken)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_histogram_counts_stretches_of_the_scores_index(cast: Cast, ben: Browser) -> None:
    cast.flagged()
    asked = Asked(cast.database)

    with asked.listening():
        assert ben.get("/desk/bulk").status == 200

    ((statement, parameters),) = [each for each in asked.statements if each[0].count("SELECT count(") == 20]
    read = [step for step in steps(statement, parameters) if "SEARCH comments" in step]
    assert all("ix_comments_queue_toxicity (site_id=? AND toxicity" in step for step in read)
    assert len(read) == 40  # of each site, each twentieth


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_decision_and_an_undo_walk_no_table(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged()
    cast.flagged()
    asked = Asked(cast.database)

    with asked.listening():
        data = {"choice": "reject:Off topic", "version": "2", "view": ""}
        ana.client.post(f"/desk/comments/{comment.id}/decisions", data=data, headers=SAME_ORIGIN)
        ana.get("/desk/review").press("Undo")

    assert asked.scans() == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_measures_and_the_ladder_walk_no_table(cast: Cast, ana: Browser) -> None:
    ladder = Ladder(1, 30, (Step(Measure.WARN), Step(Measure.HOLD, 7)), Climb.APPLIED)
    sites.change_settings(cast.database, cast.herald.id, by=OPERATOR, now=cast.now, author_ladder=ladder)
    comment = cast.flagged()
    author = f"/desk/authors/{comment.author_id}"
    asked = Asked(cast.database)

    with asked.listening():
        ana.get(f"/desk/review/{comment.id}").press("Reject as insult or abuse")
        ana.get(author).press("Take the measure", measure="suspend", days="7", reason="x").press("Undo : suspended")
        author_measures.end_marks(cast.database, now=cast.now + timedelta(days=9))

    assert asked.scans() == []
    counted = [(s, p) for s, p in asked.statements if "decisions.category IN" in s]
    assert counted
    for statement, parameters in counted:
        assert any("ix_comments_author_rejected" in step for step in steps(statement, parameters))
    (over,) = [(s, p) for s, p in asked.statements if "standing_until <=" in s and s.startswith("SELECT")]
    assert any("ix_authors_ending" in step for step in steps(*over))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("order", "index"),
    [
        ("priority", "ix_comments_queue"), ("newest", "ix_comments_queue_age"), ("oldest", "ix_comments_queue_age"),
        ("toxicity", "ix_comments_queue_toxicity"), ("relevance", "ix_comments_queue_relevance"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("further", [{}, {"hours": "24"}])
def test_each_order_of_the_queue_comes_from_its_index_unsorted(
    cast: Cast, ana: Browser, order: str, index: str, further: dict[str, str]
) -> None:
    cast.flagged()
    asked = Asked(cast.database)

    with asked.listening():
        ana.get("/desk/review", order=order, **further)

    lines = [(s, p) for s, p in asked.statements if "claimant_id" in s]
    assert len(lines) == (2 if order in ("toxicity", "relevance") else 1)  # those without the score come last
    for statement, parameters in lines:
        taken = steps(statement, parameters)
        (at,) = [n for n, step in enumerate(taken) if re.search(rf"USING (COVERING )?INDEX {index} ", step)]
        assert taken[at + 1].startswith("SCAN")  # of the few that come out of the index, in its order


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_policy_page_takes_the_newest_comments_off_an_index(cast: Cast, ben: Browser) -> None:
    cast.published()
    asked = Asked(cast.database)

    with asked.listening():
        ben.get("/desk/policy", site=cast.herald.id)

    ((statement, parameters),) = [each for each in asked.statements if "recent" in each[0]]
    assert replays.NEWEST in parameters
    taken = steps(statement, parameters)
    newest = taken[: taken.index("SCAN recent")]  # the rest is done for those only
    assert [re.search(r"INDEX \w+|TEMP B-TREE", step)[0] for step in newest[1:]] == ["INDEX ix_comments_site"]  # type: ignore[index]


def test_no_page_counts_rows_off() -> None:
    core = Path(__file__).resolve().parents[4] / "moderation"

    found = [path.name for path in core.rglob("*.py") if ".offset(" in path.read_text(encoding="utf-8").lower()]
    assert not found
