from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from moderation.ground.values.statuses import CommentStatus
from moderation.insight.checks import rows as checks
from moderation.insight.checks.rows import Check
from moderation.insight.learning import examples
from moderation.insight.learning import rows as learning
from moderation.judging.signals.house import HOUSE
from moderation.moderators.review import reviewing
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from service.desk.learning.overview import next_night
from tests.own_databases import ON_BOTH
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast

REPORT = {"spam": 80, "limit": 0.62, "after": {"auc": 0.97, "held": 0.01}, "curve": [{"decisions": 500, "auc": 0.9}]}


def judged(auc: float) -> dict[str, Any]:
    shares = [(0.01, 0.25, 0.125), (0.02, 0.375, 0.125)]
    return {
        "auc": auc,
        "automated": [{"error": e, "published": p, "rejected": r, "share": p + r} for e, p, r in shares],
    }


HOUSE_REPORT: dict[str, Any] = {
    "by_source": {"people": 1_000, "import": 200, "check": 34, "quiet": 9},
    "decided": 1_234,
    "rejected": 567,
    "judged": 246,
    "judged_rejected": 99,
    "learnt_from": "2026-01-02T00:00:00+00:00",
    "learnt_until": "2026-11-02T00:00:00+00:00",
    "judged_from": "2026-09-02T00:00:00+00:00",
    "general": None,
    "house": judged(0.861),
    "both": judged(0.935),
    "curve": [{"examples": 500, **judged(0.9)}],
    "more_would_help": True,
    "reasons": [{"reason": "Off topic", "examples": 60, "auc": None}],
    "words": {"for": [["fool", 2.0]], "against": [["thanks", -1.0]]},
    "refusal": "it is not clearly better than the shipped models on the newest decisions",
}


def learn(
    cast: Cast, *, version: int = 1, signal: str = "spam", report: Mapping[str, Any] = REPORT, is_current: bool = True
) -> None:
    with cast.database.write() as conn:
        for number in range(version):
            learning.insert_weights(
                conn, cast.herald.id, signal, b"%d" % number, report, now=cast.now, is_current=is_current
            )


def current(cast: Cast) -> int | None:
    with cast.database.read() as conn:
        return learning.current_version(conn, cast.herald.id, "spam")


def test_the_overview_says_how_much_was_decided_without_a_person(cast: Cast, ben: Browser) -> None:
    for number in range(3):
        cast.published(f"Fine {number}.")
    cast.flagged()
    cast.waiting("Not scored yet.")

    shown = ben.get("/desk/learning", site=cast.herald.id).region("Decided automatically")

    assert "75% decided automatically; none checked at random yet" in shown
    assert "Of 4 comments the policy published 3, rejected 0 and sent 1 to a moderator." in shown


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_headline_is_the_same_on_each_page_and_names_the_errors(cast: Cast, ana: Browser, ben: Browser) -> None:
    comments = [cast.published(f"Fine {number}.") for number in range(3)]
    cast.flagged()
    with cast.database.write() as conn:
        for comment in comments[:2]:
            checks.insert(conn, [Check(comment.id, cast.herald.id, cast.now, 0.01, CommentStatus.PUBLISHED)])
            checks.settle(conn, comment.id, CommentStatus.PUBLISHED, reason=None, by=None, now=cast.now)
    said = "75% decided automatically; 0.0% of what was published should not have been (0.0% to 65.8%, from 2 random"

    for path in ("/desk/learning", "/desk/learning/checks", "/desk/trends"):
        assert said in ben.get(path, site=cast.herald.id).text
    assert "decided automatically" not in ana.get("/desk/trends", site=cast.herald.id).text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_site_without_comments_has_no_share(cast: Cast, ben: Browser) -> None:
    page = ben.get("/desk/learning", site=cast.courier.id)

    assert "No comment was decided yet." in page.text
    assert "This site has no model of its own yet." in page.text


def test_a_version_is_shown_with_its_report(cast: Cast, ben: Browser) -> None:
    learn(cast, version=2)

    page = ben.get("/desk/learning/versions", site=cast.herald.id)

    assert "Spam, version 2 in use" in page.region("Spam, version 2")
    assert "in use" not in page.region("Spam, version 1")
    assert "After, auc 0.97" in page.region("Spam, version 2")
    assert "Curve, 1, decisions 500" in page.region("Spam, version 2")
    assert "Spam, version 2" in ben.get("/desk/learning", site=cast.herald.id).region("Learnt from moderators")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_house_model_is_shown_by_its_card_which_is_also_a_file(cast: Cast, ana: Browser, ben: Browser) -> None:
    learn(cast, signal="house", report=HOUSE_REPORT, is_current=False)

    page = ben.get("/desk/learning/versions", site=cast.herald.id)
    shown = page.region("House model, version 1")
    address = str(page.link("Model card as a file")["href"])
    sent = ben.client.get(address)
    text = sent.get_data(as_text=True)

    assert "Not offered, but you may use it: it is not clearly better" in shown
    assert "1,234 decisions by moderators, 567 of them rejections: 1,000 made here, 200 imported, 34 from" in shown
    assert "scores too 0.935 37.5% (25.0% published, 12.5% rejected) 50.0%" in shown
    assert "the shipped models say nothing in this language" in shown
    assert "500 decisions 0.900" in shown and "Off topic 60 too few among the newest" in shown
    assert "fool" in shown and "Digest" not in shown
    assert (sent.mimetype, sent.headers["Content-Disposition"]) == (
        "text/markdown",
        'attachment; filename="house-model-1.md"',
    )
    assert text.startswith("# House model of The Herald, version 1") and "1,234 decisions" in text
    assert ana.client.get(address).status_code == 403


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("shipped", "shares"), [(0.625, ("37.5% instead of 62.5%", "50.0% instead of 62.5%")), (0.375, ()), (0.125, ())]
)
def test_a_card_says_where_the_shipped_models_decide_more(
    cast: Cast, ben: Browser, shipped: float, shares: tuple[str, ...]
) -> None:
    general = judged(0.8)
    general["automated"] = [{**one, "share": shipped} for one in general["automated"]]
    learn(cast, signal="house", report={**HOUSE_REPORT, "general": general}, is_current=False)

    page = ben.get("/desk/learning/versions", site=cast.herald.id)

    text = ben.client.get(str(page.link("Model card as a file")["href"])).get_data(as_text=True)
    for shown in (page.region("House model, version 1"), text):
        assert shown.count("decides fewer comments automatically than the shipped models") == len(shares)
        assert all(share in shown for share in shares)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("people", "sentence"), [(1, "Only one person’s decisions"), (2, "Only one or two people’s decisions"), (0, "")]
)
def test_a_version_that_minds_a_rare_word_is_shown_with_the_word_and_waits(
    cast: Cast, ana: Browser, ben: Browser, people: int, sentence: str
) -> None:
    report = {**HOUSE_REPORT, "moved": {"words": ["kestrel", "<b>"], "people": people}}
    learn(cast, signal="house", report=report, is_current=False)

    overview = ben.get("/desk/learning", site=cast.herald.id).region("Learnt from moderators")
    version = ben.get("/desk/learning/versions", site=cast.herald.id).region("House model, version 1")

    assert "Version 1 waits for you." in overview
    for shown in (overview, version):
        assert "Civil comments with these words would score higher:" in shown
        assert "kestrel" in shown and "<b>" in shown
        assert ("decisions say so" in shown) == bool(sentence) and sentence in shown
    assert ana.client.get(f"/desk/learning?site={cast.herald.id}").status_code == 403


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_lead_who_uses_such_a_version_is_not_asked_again(cast: Cast, ben: Browser) -> None:
    report = {**HOUSE_REPORT, "moved": {"words": ["kestrel"], "people": 1}}
    learn(cast, signal="house", report=report, is_current=False)

    ben.get("/desk/learning/versions", site=cast.herald.id).press("Use version 1")

    assert "waits for you" not in ben.get("/desk/learning", site=cast.herald.id).text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("has_ranges", [True, False])
def test_a_card_shows_how_sure_its_figures_are(cast: Cast, ben: Browser, has_ranges: bool) -> None:
    both = judged(0.935)
    if has_ranges:
        both["auc_range"] = [0.907, 0.958]
        both["automated"] = [{**one, "share_range": [0.31, 0.44]} for one in both["automated"]]
    learn(cast, signal="house", report={**HOUSE_REPORT, "both": both}, is_current=False)

    page = ben.get("/desk/learning/versions", site=cast.herald.id)

    text = ben.client.get(str(page.link("Model card as a file")["href"])).get_data(as_text=True)
    for shown in (page.region("House model, version 1"), text):
        assert ("[0.907–0.958]" in shown) == has_ranges
        assert shown.count("[31.0%–44.0%]") == (2 if has_ranges else 0)
        assert ("95 % interval" in shown) == has_ranges


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("version", "status"), [("", 404), ("9", 404), ("0", 422), ("one", 422)])
def test_a_card_that_is_not_there_is_named(cast: Cast, ben: Browser, version: str, status: int) -> None:
    learn(cast, signal="house", report=HOUSE_REPORT, is_current=False)

    assert ben.get("/desk/learning/versions/card", site=cast.herald.id, version=version).status == status


@ON_BOTH
def test_a_lead_puts_an_old_version_into_use_and_none(cast: Cast, ben: Browser) -> None:
    learn(cast, version=2)

    page = ben.get("/desk/learning/versions", site=cast.herald.id).press("Use version 1")
    assert current(cast) == 1

    page.press("Stop using version 1")
    assert current(cast) is None


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("signal", "version", "status"), [("spam", "9", 404), ("spam", "one", 422), ("nothing", "1", 422)]
)
def test_a_version_that_is_not_there_cannot_be_used(
    cast: Cast, ben: Browser, signal: str, version: str, status: int
) -> None:
    learn(cast)

    answer = ben.post("/desk/learning/versions/use", {"site": cast.herald.id, "signal": signal, "version": version})

    assert answer.status == status
    assert current(cast) == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_parts_are_linked_and_the_open_one_is_marked(cast: Cast, ben: Browser) -> None:
    page = ben.get("/desk/learning", site=cast.herald.id).follow("Versions")

    (marked,) = page.html.select("nav[aria-label='Parts of this page'] a[aria-current=page]")
    assert marked.get_text() == "Versions"
    assert [link.get_text() for link in page.html.select("nav.pages a[aria-current=page]")] == ["Learning"]
    assert f"site={cast.herald.id}" in str(page.link("Overview")["href"])


def decisions(cast: Cast, *, rejected: int, approved: int) -> None:
    ben = cast.moderator("Ben")
    for number in range(rejected + approved):
        comment = cast.flagged(f"Fool {number}.")
        choice = Choice.REJECT if number < rejected else Choice.APPROVE
        chosen = ModeratorChoice(choice, comment.version + 1)
        reviewing.decide(cast.database, ben, comment.id, chosen, now=cast.now, hold_s=0)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_overview_says_what_is_missing_for_a_model_and_when_learning_is_next(cast: Cast, ben: Browser) -> None:
    decisions(cast, rejected=3, approved=1)

    shown = ben.get("/desk/learning", site=cast.herald.id).region("Learnt from moderators")

    assert "It needs 196 more decisions. At the pace of the last 30 days there will be enough on" in shown
    assert "Decisions by moderators 4 200 Rejections 3 50 Approvals 1 50" in shown
    assert "Gavel looks at new decisions each night, next at" in shown and "04:00 UTC" in shown
    assert "Next step: Decide comments in the queue." in shown


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("is_current", "step"),
    [(False, "A model was fitted and is not in use."), (True, "No rule of the policy uses the model yet.")],
)
def test_the_next_step_follows_from_the_model_that_there_is(
    cast: Cast, ben: Browser, monkeypatch: pytest.MonkeyPatch, is_current: bool, step: str
) -> None:
    monkeypatch.setattr(examples, "FEWEST", 2)
    monkeypatch.setattr(examples, "FEWEST_OF_EACH", 1)
    decisions(cast, rejected=1, approved=1)
    learn(cast, signal=HOUSE.name, report=HOUSE_REPORT, is_current=is_current)

    shown = ben.get("/desk/learning", site=cast.herald.id).region("Learnt from moderators")

    assert f"Next step: {step}" in shown
    assert "more decision" not in shown


@pytest.mark.parametrize(
    ("hour", "now", "next_at"),
    [
        (4, "2026-03-02T03:59", "2026-03-02T04:00"),
        (4, "2026-03-02T04:00", "2026-03-03T04:00"),
        (-1, "2026-03-02T05:00", ""),
    ],
)
def test_the_next_night_is_the_next_time_of_that_hour(hour: int, now: str, next_at: str) -> None:
    found = next_night(hour, datetime.fromisoformat(f"{now}+00:00"))

    assert (found.isoformat(timespec="minutes") if found else "").removesuffix("+00:00") == next_at
