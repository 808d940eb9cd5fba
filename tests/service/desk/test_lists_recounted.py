"""The figures of pages that list things are counted again from the rows: campaigns, failed items, learnt versions,
people, reasons, search, and what is worth reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from bs4 import Tag

from moderation.insight.learning import rows as learning
from moderation.insight.learning.tables import site_weights
from moderation.moderators.campaigns.tables import campaigns
from moderation.sites import rows as sites
from moderation.sites.people.tables import invitations
from moderation.sites.tables import memberships
from moderation.spine.comments.tables import comments
from moderation.spine.events.tables import events
from tests.own_databases import ON_BOTH
from tests.service.desk.browsing import Browser, Page
from tests.service.desk.cast import Cast
from tests.service.desk.test_campaigns import WARNING, wave
from tests.service.desk.test_failed_items import undelivered, unscored

LISTS = {
    "desk.campaigns", "desk.failed_items", "desk.learnt_versions", "desk.people", "desk.reasons", "desk.search",
    "desk.worth_reading",
}  # fmt: skip
FOUND = "section[aria-label='Comments'] ul.found > li"
FIGURES = 51
LONG = "The port needs a second crane, and the council has known it since the storm of 2019. " * 3


class Lists:
    """Reads the pages' figures, and counts how many were compared."""

    def __init__(self, cast: Cast, browser: Browser) -> None:
        self.cast, self.browser, self.compared, self.seen = cast, browser, 0, set[str]()

    def get(self, endpoint: str, path: str, **query: str) -> Page:
        self.seen.add(f"desk.{endpoint}")
        return self.browser.get(path, site=self.cast.herald.id, **query)

    def says(self, said: str, sentence: str, figures: int) -> None:
        assert sentence in " ".join(said.split()), sentence
        self.compared += figures

    def same(self, shown: object, counted: object, figures: int = 1) -> None:
        assert shown == counted, (shown, counted)
        self.compared += figures

    def rows(self, table: sa.Table, *where: Any) -> list[dict[str, Any]]:
        with self.cast.database.read() as conn:
            return [dict(row) for row in conn.execute(sa.select(table).where(*where)).mappings()]

    def of_site(self, table: sa.Table, *where: Any) -> list[dict[str, Any]]:
        return self.rows(table, table.c.site_id == self.cast.herald.id, *where)


@ON_BOTH
def test_every_list_counts_its_rows(cast: Cast, browser: Callable[[], Browser]) -> None:
    dora = browser().log_in_as(cast, "Dora")
    lists = Lists(cast, dora)

    for look in (campaign_list, failed, versions, people, reasons, search, worth_reading):
        look(lists)

    assert lists.seen == LISTS
    assert lists.compared >= FIGURES, lists.compared


def campaign_list(lists: Lists) -> None:
    """A large one of which a part was decided, withdrawn and only mentioned, and a small one."""
    copies = [*wave(lists.cast, held=5, published=3), lists.cast.flagged(WARNING, author="Nora")]
    small = "Congratulations to the whole team of the library for thirty years of patience with us readers"
    for number in range(3):
        lists.cast.flagged(small, author=f"Friend {number}")
    lists.browser.get(f"/desk/review/{copies[3].id}").press("Approve")
    lists.browser.get(f"/desk/review/{copies[0].id}").press("Reject")

    page = lists.get("campaigns", "/desk/campaigns", order="largest")

    shown = [" ".join(line.get_text().split()) for line in page.html.select("ul.samples li .quiet-text")]
    found = lists.of_site(campaigns)
    lists.same(len(shown), len(found))
    for line, one in zip(shown, sorted(found, key=lambda row: -row["copies"]), strict=True):
        here = lists.of_site(comments, comments.c.campaign_id == one["id"])
        statuses = Counter(row["status"] for row in here)
        authors = len({row["author_id"] for row in here})
        lists.says(line, f"{len(here)} comments by {authors} authors, {statuses['published']} published, ", 3)
        lists.says(line, f"{statuses['flagged']} waiting, first", 1)
        own = " ".join(lists.browser.get(f"/desk/campaigns/{one['id']}").text.split())
        mentions = sum(row["text"] == WARNING for row in here)
        apart = f" and {mentions} mention" if mentions else ""
        lists.says(own, f"{len(here) - mentions} copies{apart} by {authors} authors", 3)
        lists.says(own, f"Reject {statuses['published'] + statuses['flagged'] - mentions}", 1)
        lists.says(own, f"Approve {statuses['flagged'] - mentions}", 1)
        lists.says(own, f"Online now: {statuses['published']}", 1)


def failed(lists: Lists) -> None:
    for number in range(2):
        unscored(lists.cast, f"failed-{number}")
    undelivered(lists.cast, "unheard-1")

    page = lists.get("failed_items", "/desk/failed")

    lines = page.html.select("main table tbody tr")
    of_comments = lists.of_site(comments, comments.c.flagged_for == "scoring_failed")
    of_events = lists.of_site(events, events.c.attempts > 0, events.c.next_attempt_at.is_(None))
    kinds = Counter(line.td.get_text().split(",")[0] for line in lines if isinstance(line.td, Tag))
    lists.same(kinds, {"Comment": len(of_comments), "Event": len(of_events)}, 2)
    attempts = of_events[0]["attempts"]
    lists.says(page.text, f"{attempts} attempts; the last failed", 1)


def versions(lists: Lists) -> None:
    with lists.cast.database.write() as conn:
        for number in (1, 2):
            report = {"decisions": 100 * number, "after": {"auc": 0.9 + number / 100}}
            learning.insert_weights(conn, lists.cast.herald.id, "spam", b"x", report, now=lists.cast.now)

    page = lists.get("learnt_versions", "/desk/learning/versions")

    found = lists.of_site(site_weights)
    lists.same(len(page.html.select("main section.panel")), len(found))
    for one in found:
        region = page.region(f"Spam, version {one['version']}")
        lists.says(region, f"Decisions {one['report']['decisions']}", 1)
        lists.says(region, f"After, auc {one['report']['after']['auc']:.2f}", 1)
        lists.same("in use" in region, one["is_current"])


def people(lists: Lists) -> None:
    for name in ("eve", "finn"):
        lists.get("people", "/desk/people").press("Create a link", email=f"{name}@example.org", role="moderator")

    page = lists.get("people", "/desk/people")

    lists.same(len(page.html.select("main table tbody tr")), len(lists.of_site(memberships)))
    open_ones = lists.of_site(invitations, invitations.c.used_at.is_(None))
    lists.same(len(page.html.select("section[aria-label='Open invitations'] li")), len(open_ones))


def reasons(lists: Lists) -> None:
    page = lists.get("reasons", "/desk/reasons")

    with lists.cast.database.read() as conn:
        settings = sites.get_site(conn, lists.cast.herald.id).settings
    named = [field["value"] for field in page.html.select("input[name^=name-]") if field["value"]]
    lists.same(named, list(settings.rejection_reasons), len(named))
    ladder = settings.author_ladder
    if ladder is not None:
        shown = [page.html.select_one(f"input[name={name}]") for name in ("rejections", "within_days")]
        lists.same([f["value"] for f in shown if f], [str(ladder.rejections), str(ladder.within_days)], 2)


def search(lists: Lists) -> None:
    texts = ["A quay for the ferry.", "No quay is needed.", "The quay of stone, the quay of wood."]
    for text in texts:
        lists.cast.published(text, author="Quentin Quay")
    lists.cast.flagged("This quay is for idiots.", author="Quentin Quay")
    rejected = lists.cast.flagged("A quay for morons.", author="Quentin Quay")
    lists.browser.get(f"/desk/review/{rejected.id}").press("Reject")

    page = lists.get("search", "/desk/search", q="quay")

    found = lists.of_site(comments, comments.c.text.ilike("%quay%"))
    lists.same(len(page.html.select(FOUND)), len(found))
    statuses = Counter(row["status"] for row in found)
    said = f"Quentin Quay {statuses['published']} published, {statuses['rejected']} rejected"
    lists.says(page.region("Authors"), said, 2)
    for status in ("published", "flagged", "rejected"):
        narrowed = lists.get("search", "/desk/search", q="quay", status=status)
        lists.same(len(narrowed.html.select(FOUND)), statuses[status])


def worth_reading(lists: Lists) -> None:
    parents = [lists.cast.published(f"{LONG}{number}", id=f"worth-{number}") for number in range(3)]
    for number in range(3):
        lists.cast.published(f"Quite so, {number}.", parent_id=f"worth-{number // 2}", author=f"Reader {number}")
    lists.browser.get(f"/desk/review/{parents[2].id}").press("Feature it")

    page = lists.get("worth_reading", "/desk/worth-reading", chars="200", relevance="0", toxicity="1", replies="0")

    replies = Counter(row["parent_id"] for row in lists.of_site(comments, comments.c.status == "published"))
    published = lists.of_site(comments, comments.c.status == "published")
    worth = [row for row in published if len(row["text"]) >= 200 and row["featured_at"] is None]
    for region, rows in (("Suggestions", worth), ("Editor’s picks", [r for r in published if r["featured_at"]])):
        said = page.region(region)
        lists.same(said.count("characters"), len(rows))
        for row in rows:
            count = replies[row["id"]]
            lists.says(said, f"{count} {'reply' if count == 1 else 'replies'} {len(row['text'])} characters", 2)
