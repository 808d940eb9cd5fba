"""Each figure of each page of the desk is counted again from the rows, after every course that a decision can take."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from moderation.insight.checks import drawn_numbers
from moderation.spine.articles.tables import authors
from moderation.spine.comments.standing_rows import in_force, stands
from moderation.spine.comments.tables import decisions
from service.desk.frame.routes import EXTENSION, Route
from tests.own_databases import ON_BOTH
from tests.service.desk.browsing import Browser, Page
from tests.service.desk.cast import Cast
from tests.service.desk.recounting import FINAL, FLAGGED, PEOPLE, PUBLISHED, REJECTED, Recount, Shift
from tests.service.desk.test_lists_recounted import LISTS

WITHOUT_FIGURES = {
    "desk.transparency_report",
    "desk.appeals",
    "desk.modes",
    "desk.site_settings",
    "desk.notices",
    "desk.rules",
    "desk.alerts",
    "desk.keys",
    "desk.duties",
    "desk.second_readers",
}
"""Pages of the bar that show no figure about decisions on this shift."""


@pytest.fixture
def shift(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Shift:
    monkeypatch.setattr(drawn_numbers, "drawn_number", lambda _id, purpose="": 1.0)  # nothing is drawn by chance
    found = Shift(cast)
    found.work()
    return found


class Pages:
    """Reads figures off the pages, and counts how many were compared."""

    def __init__(self, cast: Cast, browser: Browser) -> None:
        self.cast, self.browser, self.compared, self.seen = cast, browser, 0, set[str]()

    def get(self, endpoint: str, path: str, **query: str) -> Page:
        self.seen.add(f"desk.{endpoint}")
        page = self.browser.get(path, site=self.cast.herald.id, **query)
        assert page.status == 200, path
        return page

    def says(self, page: Page, sentence: str, figures: int = 1) -> None:
        assert sentence in page.text, sentence
        self.compared += figures

    def table(self, page: Page, region: str, expected: dict[str, dict[str, str]]) -> None:
        """The rows of the only table in the region, by their headings, and the named cells."""
        part = next(tag for tag in page.html.find_all(True) if tag.get("aria-label") == region)
        self.rows(part, expected)

    def rows(self, part: Any, expected: dict[str, dict[str, str]]) -> None:
        shown = {}
        for row in part.select("tbody tr"):
            cells = {c["data-label"]: " ".join(c.get_text().split()) for c in row.select("td[data-label]")}
            shown[" ".join(row.th.get_text().split())] = cells
        for name, cells in expected.items():
            assert {label: shown[name][label] for label in cells} == cells, name
            self.compared += len(cells)
        assert set(shown) == set(expected)


def share(found: tuple[float, int] | None) -> str:
    return "–" if found is None else f"{found[0]:.1%} of {found[1]}"


def shares(part: Any) -> dict[str, dict[str, str]]:
    """The cells of an error's share as ``25% of 12``, without the interval."""
    found: dict[str, dict[str, str]] = {}
    for row in part.select("tbody tr"):
        for cell in row.select("td[data-label]"):
            words = " ".join(cell.get_text().split())
            head, _, rest = words.partition(" (")
            counted = rest.partition(" checked")[0].rpartition(", ")[2]
            shown = f"{head} of {counted}" if counted else head
            found.setdefault(" ".join(row.th.get_text().split()), {})[cell["data-label"]] = shown
    return found


@ON_BOTH
def test_every_page_counts_what_stands(app: Flask, cast: Cast, shift: Shift, browser: Any) -> None:
    dora = browser().log_in_as(cast, "Dora")
    pages, rows = Pages(cast, dora), Recount.of(cast)

    for look in (
        queue,
        trends,
        policy,
        learning,
        error_rates,
        bias,
        agreement,
        shadow,
        limits,
        languages,
        lists,
        author_records,
    ):
        look(pages, rows, shift)

    every: dict[str, Route] = app.extensions[EXTENSION]
    declared = {name for name, route in every.items() if route.place is not None or route.part is not None}
    assert declared - pages.seen == LISTS - {"desk.search"} | WITHOUT_FIGURES  # which is in the bar
    assert pages.compared >= 150


def queue(pages: Pages, rows: Recount, _shift: Shift) -> None:
    waiting = [c for c in rows.comments.values() if c["status"] == FLAGGED]
    escalated = [c for c in waiting if c["escalated_at"]]
    held = len(waiting) - len(escalated)
    page = pages.get("review", "/desk/review")
    assert page.html.select_one("#waiting-count").get_text() == str(held)  # type: ignore[union-attr]
    assert page.html.select_one("#tally-escalated").get_text() == str(len(escalated))  # type: ignore[union-attr]
    page = pages.get("escalated", "/desk/review", escalated="1")
    assert page.html.select_one("#waiting-count").get_text() == str(len(escalated))  # type: ignore[union-attr]
    pages.says(pages.get("bulk", "/desk/bulk"), f"of the {held} waiting comments", 1)
    pages.compared += 3


def trends(pages: Pages, rows: Recount, _shift: Shift) -> None:
    page, first = pages.get("trends", "/desk/trends"), rows.first_verdicts()
    final = [row for row in rows.anew if row["decided_by"] in PEOPLE and rows.counts(row)]
    made = Counter(row["status_after"] for row in final if row["status_before"] != row["status_after"])
    waiting = rows.by_status()[FLAGGED]
    pages.says(page, f"Waiting now {waiting} ")
    pages.says(
        page,
        f"the policy first published {first[PUBLISHED]}, flagged {first[FLAGGED]} and rejected {first[REJECTED]}.", 3,
    )  # fmt: skip
    days = next(tag for tag in page.html.find_all("section") if tag.get("aria-label") == "By day")
    total = Counter[str]()
    for cell in days.select("tbody td[data-label]"):
        if cell.get_text().isdecimal():  # and no share
            total[str(cell["data-label"])] += int(cell.get_text())
    undone = sum(row["decided_by"] in PEOPLE and not rows.counts(row) for row in rows.anew)
    assert total["Approved by moderators"] == made[PUBLISHED]
    assert total["Rejected by moderators"] == made[REJECTED]
    assert rows.overturned
    assert (total["Undone or overturned"], total["Arrived"]) == (undone, len(rows.comments))
    again = [row for row in rows.anew if row["decided_by"] not in PEOPLE and row["version"] > 1]
    assert total["Decided again"] == len(again)
    pages.compared += 6
    answers = Counter[tuple[str, str]]()
    for row in final:
        flagging = _flagging(rows, row)
        if flagging is not None and row["status_after"] in FINAL:
            answers[flagging["reasons"][0]["signal"], row["status_after"]] += 1
    answered = [r for r in rows.anew if r["status_before"] == FLAGGED and r["status_after"] in FINAL]
    waits = sum(r["decided_by"] in PEOPLE and rows.stands(r["id"]) for r in answered if _flagging(rows, r) is not None)
    flagged = Counter(
        r["reasons"][0]["signal"] for r in rows.anew if r["decided_by"] not in PEOPLE and r["status_after"] == FLAGGED
    )
    titles = {"toxicity": "Toxicity", "language.supported": "No reliable scores in this language"}
    expected = {}
    for name, number in flagged.items():
        approved, rejected = (str(answers[name, status]) for status in FINAL)
        expected[titles[name]] = {"Flagged": str(number), "Approved": approved, "Rejected": rejected}
    pages.table(page, "By reason", expected)
    for region, names in (("By section", ("Economy", "Sport")), ("By article", ("On Economy", "On Sport"))):
        pages.table(page, region, {name: _outcomes(rows, name.removeprefix("On ")) for name in names})
    pages.says(page, f"Half of {waits} decisions came within this time")
    people = {}
    for name in ("Ana", "Ben"):
        mine = [r for r in rows.anew if r["moderator_id"] == pages.cast.ids[name]]
        standing = Counter(r["status_after"] for r in mine if rows.counts(r))
        gone = sum(not rows.counts(r) for r in mine)
        people[name] = {
            "Approved": str(standing[PUBLISHED]),
            "Rejected": str(standing[REJECTED]),
            "Undone or overturned": str(gone),
        }
    pages.table(page, "By moderator", people)


def _outcomes(rows: Recount, section: str) -> dict[str, str]:
    """Of the flaggings in the section, and of the decisions that stand on them."""
    here = [r for r in rows.anew if rows.comments[r["comment_id"]]["section"] == section]
    flagged = sum(r["decided_by"] not in PEOPLE and r["status_after"] == FLAGGED for r in here)
    final = [r for r in here if r["decided_by"] in PEOPLE and r["status_after"] in FINAL and rows.counts(r)]
    answers = Counter(r["status_after"] for r in final if _flagging(rows, r) is not None)
    overturned = f"{answers[PUBLISHED] / answers.total():.1%}"
    return {
        "Flagged": str(flagged), "Approved": str(answers[PUBLISHED]), "Rejected": str(answers[REJECTED]),
        "Overturned": overturned,
    }  # fmt: skip


def _flagging(rows: Recount, row: dict[str, Any]) -> dict[str, Any] | None:
    """The policy's last decision before this one, if it flagged."""
    before = [r for r in rows.decisions if r["comment_id"] == row["comment_id"] and r["version"] < row["version"]]
    last = max((r for r in before if r["decided_by"] not in PEOPLE), key=lambda r: int(r["version"]))
    return last if last["status_after"] == FLAGGED else None


def policy(pages: Pages, rows: Recount, _shift: Shift) -> None:
    page = pages.get("policy", "/desk/policy")
    held = [id for id, row in rows.by_policy.items() if row["status_after"] != PUBLISHED]
    pages.says(page, f"This policy holds {len(held)} of the newest {len(rows.by_policy)} comments.", 2)
    for signal in ("toxicity", "threat", "language.supported"):
        ids = rows.held_for(signal)
        judged, rejected = rows.rejected(ids)
        assert judged > rejected > 0 or signal == "threat"
        pages.says(page, f"of held comments: {len(ids)}, of which {rows.alone(signal)} for this alone.", 2)
        pages.says(page, f"Moderators decided {judged} of them and rejected {rejected}.", 2)


def learning(pages: Pages, rows: Recount, _shift: Shift) -> None:
    page, first = pages.get("learning", "/desk/learning"), rows.first_verdicts()
    share = (first[PUBLISHED] + first[REJECTED]) / first.total()
    pages.says(page, f"{share:.0%} decided automatically")
    pages.says(
        page, f"Of {first.total()} comments the policy published {first[PUBLISHED]}, rejected {first[REJECTED]} and"
        f" sent {first[FLAGGED]} to a moderator.", 4,
    )  # fmt: skip
    known = dict(rows.judged)
    for check in rows.checks:
        comment, outcome = rows.comments[check["comment_id"]], rows.outcome_of_check(check)
        if outcome and comment["status"] != "withdrawn" and not _is_edited(rows, check["comment_id"]):
            known.setdefault(check["comment_id"], outcome)
    rejected = sum(status == REJECTED for status in known.values())
    pages.table(page, "Learnt from moderators", {
        "Decisions by moderators": {"Known": str(len(known)), "Needed": "200"},
        "Rejections": {"Known": str(rejected), "Needed": "50"},
        "Approvals": {"Known": str(len(known) - rejected), "Needed": "50"},
    })  # fmt: skip
    missing = max(200 - len(known), max(0, 50 - rejected) + max(0, 50 - len(known) + rejected))
    pages.says(page, f"It needs {missing} more decisions.")


def _is_edited(rows: Recount, comment_id: str) -> bool:
    return str(rows.comments[comment_id]["text"]).startswith("Edited")


def error_rates(pages: Pages, rows: Recount, _shift: Shift) -> None:
    page = pages.get("error_rates", "/desk/learning/checks")
    waiting = sum(
        rows.outcome_of_check(c) is None and c["verdict"] != FLAGGED and not _is_gone(rows, c) for c in rows.checks
    )
    pages.says(page, f"Checks that wait: {waiting}")
    titles = {
        PUBLISHED: "Wrongly published",
        REJECTED: "Wrongly rejected",
        FLAGGED: "Held, then published by moderators",
    }
    parts = {tag["aria-label"]: tag for tag in page.html.select("section[aria-label]")}
    overall = {words: share(rows.errors(verdict)) for verdict, words in titles.items()}
    assert {name: cells["Share"] for name, cells in shares(parts["By verdict"]).items()} == overall
    for region, field, names in (
        ("By section", "section", {"Economy": "Economy", "Sport": "Sport"}),
        ("By language", "language", {"English": "en", "German": "de"}),
        ("By model version", None, {"toxicity t@1": ""}),
    ):
        expected = {
            shown: {words: share(rows.errors(v, **({field: value} if field else {}))) for v, words in titles.items()}
            for shown, value in names.items()
        }
        assert shares(parts[region]) == expected, region
        pages.compared += sum(map(len, expected.values()))
    (week,) = shares(parts["By week"]).values()
    assert week == overall
    pages.compared += 6


def _is_gone(rows: Recount, check: dict[str, Any]) -> bool:
    return rows.comments[check["comment_id"]]["status"] == "withdrawn" or _is_edited(rows, check["comment_id"])


def bias(pages: Pages, rows: Recount, _shift: Shift) -> None:
    page = pages.get("bias", "/desk/learning/bias")
    shown = shares(page.html.select_one("main"))
    for name, code in (("in English", "en"), ("in German", "de")):
        civil = [c for c in rows.checks if c["language"] == code and rows.outcome_of_check(c) == PUBLISHED]
        others = [c for c in rows.checks if c["language"] != code and rows.outcome_of_check(c) == PUBLISHED]
        assert shown[name]["Civil ones held"] == share(_held(civil))
        assert shown[name]["Others held"] == share(_held(others))
        pages.compared += 2


def _held(civil: list[dict[str, Any]]) -> tuple[float, int] | None:
    total = sum(1 / c["probability"] for c in civil)
    held = sum(1 / c["probability"] for c in civil if c["verdict"] != PUBLISHED)
    return (held / total, len(civil)) if civil else None


def agreement(pages: Pages, rows: Recount, _shift: Shift) -> None:
    page = pages.get("agreement", "/desk/learning/agreement")
    pairs = [c for c in rows.checks if c["second_outcome"] and rows.outcome_of_check(c)]
    alike = sum(c["second_outcome"] == rows.outcome_of_check(c) for c in pairs)
    shown = shares(page.html.select_one("main"))["Publish or reject"]
    assert (shown["Judged twice"], shown["Same judgement"]) == (str(len(pairs)), str(alike))
    assert len(pairs) > alike > 0
    pages.compared += 2


def shadow(pages: Pages, rows: Recount, shift: Shift) -> None:
    pages.get("shadows", "/desk/learning/shadow")
    page = pages.get("shadow", f"/desk/learning/shadow/{shift.shadow_id}")
    mine, its = list(rows.beside("action")), list(rows.beside("policy_action"))
    taken = Counter(action for action, _ in mine)
    pages.says(
        page,
        f"Of {len(mine)} comments it would have published {taken['publish']}, sent {taken['flag']} to a moderator", 3,
    )  # fmt: skip
    expected = {}
    for words, holds, outcome in (
        ("caught: held or rejected, and rejected by moderators", ("flag", "reject"), REJECTED),
        ("wrongly held: published by moderators", ("flag", "reject"), PUBLISHED),
        ("of these, wrongly rejected by rule", ("reject",), PUBLISHED),
        ("wrongly published: rejected by moderators", ("publish",), REJECTED),
        ("rightly published", ("publish",), PUBLISHED),
    ):
        both = [sum(a in holds and o == outcome for a, o in side) for side in (mine, its)]
        expected[words] = {"The shadow": str(both[0]), "The policy": str(both[1])}
    shown = shares(page.html.select_one("section[aria-label='Compared with moderators']"))
    for words, cells in expected.items():
        assert shown[words] == cells, words
        pages.compared += 2


def limits(pages: Pages, rows: Recount, _shift: Shift) -> None:
    page = pages.get("limits", "/desk/learning/limits").press("Save these targets and count")
    flagged = {r["comment_id"] for r in rows.anew if r["version"] == 1 and r["status_after"] == FLAGGED}
    sent = [id for id in flagged if id in rows.judged]
    outcomes = Counter(c["verdict"] for c in rows.checks if rows.outcome_of_check(c))
    pages.says(
        page, f"Moderators decided {len(sent)} that the policy sent to them. Random checks covered"
        f" {outcomes[PUBLISHED]} that it published and {outcomes[REJECTED]} that it rejected.", 3,
    )  # fmt: skip


def languages(pages: Pages, rows: Recount, _shift: Shift) -> None:
    page = pages.get("languages", "/desk/languages")
    ids = [
        id for id in rows.held_for("language.supported") if rows._causes(rows.by_policy[id]) == {"language.supported"}
    ]
    judged, rejected = rows.rejected(ids)
    policys = [r for r in rows.anew if r["decided_by"] == "policy"]
    pages.rows(page.html.select_one("main"), {"English": {
        "Comments": str(len(policys)), "Held for the language alone": str(len(ids)),
        "Of these approved": str(judged - rejected), "Of these rejected": str(rejected),
    }})  # fmt: skip


def lists(pages: Pages, rows: Recount, _shift: Shift) -> None:
    pages.says(pages.get("history", "/desk/history"), "rejected 3 comments")
    pages.says(pages.get("audit", "/desk/audit"), "rejected 3 comments")
    pages.says(pages.get("start_list", "/desk/start"), "4 of 7 steps are done.", 2)


def author_records(pages: Pages, rows: Recount, _shift: Shift) -> None:
    with pages.cast.database.read() as conn:
        known = conn.execute(sa.select(authors)).all()
    for author in known:
        statuses = rows.by_status(author_id=author.id)
        page = pages.get("author", f"/desk/authors/{author.id}")
        if any(statuses[status] for status in FINAL):
            pages.says(page, f"{statuses[PUBLISHED]} published, {statuses[REJECTED]} rejected", 2)
        found = pages.browser.get("/desk/search", q=author.name).region("Authors")
        assert f"{author.name} {statuses[PUBLISHED]} published, {statuses[REJECTED]} rejected" in found
        pages.compared += 2


def test_queries_know_the_decisions_that_stand(cast: Cast, shift: Shift) -> None:
    rows = Recount.of(cast)
    with cast.database.read() as conn:
        standing = set(
            conn.execute(sa.select(decisions.c.id).where(decisions.c.undoes.is_(None), stands(decisions))).scalars()
        )
        newest = set(conn.execute(sa.select(decisions.c.id).where(in_force(decisions))).scalars())

    assert standing == {r["id"] for r in rows.decisions if r["undoes"] is None and rows.stands(r["id"])}
    assert newest == {row["id"] for row in rows.in_force.values()}
    assert len(newest) < len(standing) < len(rows.anew) + 3
