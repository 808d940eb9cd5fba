"""The desk's list of notices of illegal content, its filters, one notice, and the search for its number."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from moderation.ground.values.comments import Comment
from moderation.insight.checks import rows as checks
from moderation.law.notices import giving, list_rows
from moderation.law.notices import rows as store
from moderation.law.notices.list_rows import NoticesWanted
from moderation.law.notices.values import LegalNotice, NewNotice, NoticeState
from moderation.moderators.review import reviewing
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from moderation.sites.audit.actors import SYSTEM
from moderation.spine.comments import rows as comments
from tests.builders import a_check
from tests.own_databases import ON_BOTH
from tests.service.desk.browsing import Browser, Page
from tests.service.desk.cast import Cast

WHY = "§ 130 StGB: it calls for violence."
SPEECH, SCAMS = "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH", "STATEMENT_CATEGORY_SCAMS_AND_FRAUD"


def give(cast: Cast, comment: Comment, why: str = WHY, *, days_ago: float = 0, **said: str) -> LegalNotice:
    fields = {"name": "Karl Notifier", "email": f"karl{len(why)}@mail.example", "category": SPEECH, **said}
    now = cast.now - timedelta(days=days_ago)
    return giving.give(
        cast.database, comment.site_id, NewNotice(comment.external_id, why, **fields), by=SYSTEM, now=now
    ).notice


def decide(cast: Cast, comment: Comment, choice: Choice, reason: str | None = None) -> None:
    ben = cast.moderator("Ben")
    with cast.database.read() as conn:
        version = comments.get_by_id(conn, comment.id).version
    reviewing.decide(cast.database, ben, comment.id, ModeratorChoice(choice, version, reason), now=cast.now, hold_s=0)


def listed(page: Page) -> list[str]:
    return [" ".join(a.get_text(" ").split()) for a in page.html.select("table.list td:nth-of-type(2) > a")]


@pytest.fixture
def several(cast: Cast) -> dict[str, LegalNotice]:
    """A notice of each kind, the oldest first."""
    kept, gone = cast.published("The first crane."), cast.published("The second crane.")
    notices = {
        "dismissed": give(cast, kept, "It insults the mayor.", days_ago=20),
        "upheld": give(cast, gone, "It sells forged papers.", days_ago=9, category=SCAMS, language="de"),
        "open": give(cast, cast.published("The third crane."), "It threatens me.", days_ago=2, language="fr"),
        "trusted": give(cast, cast.published("The fourth crane."), "It is hate speech.", flagger="Hotline"),
    }
    decide(cast, kept, Choice.APPROVE)
    decide(cast, gone, Choice.REJECT, "Spam")
    return notices


EVERY = ["It is hate speech.", "It threatens me.", "It sells forged papers.", "It insults the mayor."]


@ON_BOTH
def test_the_list_has_every_notice_newest_first_with_its_state_and_its_comment(
    cast: Cast, ana: Browser, several: dict[str, LegalNotice]
) -> None:
    page = ana.get("/desk/notices")

    assert listed(page) == EVERY
    rows = [" ".join(tr.get_text(" ").split()) for tr in page.html.select("table.list tbody tr")]
    assert "Trusted flagger: Hotline" in rows[0] and "undecided" in rows[0]
    assert "French" in rows[1] and "The third crane." in rows[1]
    assert "upheld" in rows[2] and "rejected" in rows[2].lower() and "Scams and fraud" in rows[2]
    assert "dismissed" in rows[3]
    assert "Karl" not in page.text and "mail.example" not in page.text


@ON_BOTH
@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ({"state": "open"}, EVERY[:2]),
        ({"state": "upheld"}, EVERY[2:3]),
        ({"state": "dismissed"}, EVERY[3:]),
        ({"state": "withdrawn"}, []),
        ({"category": SCAMS}, EVERY[2:3]),
        ({"flagger": "yes"}, EVERY[:1]),
        ({"flagger": "no"}, EVERY[1:]),
        ({"language": "de"}, EVERY[2:3]),
        ({"days": "7"}, EVERY[:2]),
        ({"days": "over-7"}, EVERY[2:]),
        ({"state": "open", "days": "over-1"}, EVERY[1:2]),
        ({"state": "nonsense", "days": "soon", "site": "of-others"}, EVERY),
    ],
)
def test_each_filter_leaves_the_notices_that_it_names(
    ana: Browser, several: dict[str, LegalNotice], asked: dict[str, str], left: list[str]
) -> None:
    page = ana.get("/desk/notices", **asked)

    assert listed(page) == left
    if not left:
        assert "No notice matches these filters." in page.text


def test_nobody_sees_notices_of_another_site(carla: Browser, several: dict[str, LegalNotice]) -> None:
    number = several["open"].id

    assert "Nobody has given notice of illegal content yet." in carla.get("/desk/notices").text
    assert carla.get(f"/desk/notices/{number}").status == 404
    assert "The notice with this number" not in carla.get("/desk/search", q=number).text


@ON_BOTH
def test_pages_follow_one_another_without_a_gap_across_sites(
    cast: Cast, ben: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_rows, "LOOKED_AT", 3)
    for number in range(12):
        site = (cast.herald, cast.courier)[number % 2]
        said = {"category": SCAMS} if number in (0, 1, 11) else {}
        give(cast, cast.published(f"Crane {number}.", site=site), f"Ground {number}.", days_ago=30 - number, **said)

    assert _walked(cast, NoticesWanted((cast.herald.id, cast.courier.id)), limit=5) == list(range(11, -1, -1))
    assert _walked(cast, NoticesWanted((cast.herald.id, cast.courier.id), category=SCAMS), limit=5) == [11, 1, 0]
    state = NoticeState.DISMISSED
    assert _walked(cast, NoticesWanted((cast.herald.id, cast.courier.id), state=state), limit=5) == []


def _walked(cast: Cast, wanted: NoticesWanted, *, limit: int) -> list[int]:
    return [int(listed.notice.explanation.split()[1][:-1]) for listed in _pages(cast, wanted, limit)]


def _pages(cast: Cast, wanted: NoticesWanted, limit: int) -> Iterator[list_rows.ListedNotice]:
    before: str | None = None
    for _page in range(20):
        with cast.database.read() as conn:
            listing = list_rows.listing(conn, wanted, before=before, limit=limit)
        yield from listing.found
        before = listing.older
        if before is None:
            return
    raise AssertionError("the pages do not end")


def test_the_receipts_number_finds_the_notice(ana: Browser, several: dict[str, LegalNotice]) -> None:
    number = several["upheld"].id

    page = ana.get("/desk/notices").press("Find", q=f" {number.upper()} ").follow("Legal notice")

    assert page.path == f"/desk/notices/{number}"
    assert "It sells forged papers." in page.text and number in page.text
    assert "by Ben" in page.text


def test_only_leads_see_who_gave_a_notice(ana: Browser, ben: Browser, several: dict[str, LegalNotice]) -> None:
    path = f"/desk/notices/{several['open'].id}"

    of_moderator, of_lead = ana.get(path), ben.get(path)

    assert "Karl" not in of_moderator.text and "mail.example" not in str(of_moderator.html)
    assert "Leads see name and address." in of_moderator.text
    assert "Karl Notifier" in of_lead.text
    assert of_lead.link("karl16@mail.example")["href"] == "mailto:karl16@mail.example"


def test_a_contact_that_was_deleted_is_said_to_be_gone(
    cast: Cast, ben: Browser, several: dict[str, LegalNotice]
) -> None:
    with cast.database.write() as conn:
        store.forget_contacts(conn, [several["upheld"].id])

    assert "No name and no address" in ben.get(f"/desk/notices/{several['upheld'].id}").text


def test_the_page_has_the_letter_in_the_notifiers_language_and_its_link(
    ana: Browser, several: dict[str, LegalNotice]
) -> None:
    page = ana.get(f"/desk/notices/{several['upheld'].id}")

    letter = page.html.select_one("section[aria-labelledby=letter] div")
    assert letter is not None and letter["lang"] == "de"
    assert several["upheld"].id in letter.get_text()
    link = str(page.link("Its page, for whoever has the link")["href"])
    assert several["upheld"].id in page.browser.get(link).text


def test_a_notice_of_a_comment_that_is_judged_blind_is_not_shown(cast: Cast, ana: Browser) -> None:
    comment = cast.published("A crane to judge.")
    notice = give(cast, comment)
    with cast.database.write() as conn:
        checks.insert(conn, [a_check(comment_id=comment.id, site_id=comment.site_id, decided_at=None, outcome=None)])

    assert listed(ana.get("/desk/notices")) == []
    assert ana.get(f"/desk/notices/{notice.id}").path == f"/desk/checks/{comment.id}"
