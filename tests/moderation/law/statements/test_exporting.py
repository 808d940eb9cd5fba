"""Statements for the EU's transparency database: checked by its rules, without personal data, resumed and repeated."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from moderation.ground.database.engine import Database
from moderation.ground.errors import InvalidInput
from moderation.ground.values.signals import Signal
from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import Reason, ReasonCode, Verdict
from moderation.judging.signals.scoring import Scoring
from moderation.law.statements import exporting, measure_rows
from moderation.law.statements import rows as store
from moderation.moderators.review import api_decisions
from moderation.pipeline.loading import rows as loading
from moderation.pipeline.settling.judgements import settle
from moderation.readers.reports import reporting
from moderation.readers.reports.reporting import Report
from moderation.sites import rows as sites
from moderation.sites.rows import Site
from moderation.sites.settings.grounds import Ground, GroundKind
from moderation.sites.settings.rejection_reasons import ReasonDetails
from moderation.spine.comments import rows as comments
from moderation.spine.comments.moves import Judgement
from tests.moderation.conftest import Newsroom
from tests.moderation.law.statements.transparency_rules import problems
from tests.statements import Asked, steps

NOW = datetime.now(UTC)
TODAY = NOW.date()
TOMORROW = TODAY + timedelta(days=1)  # the tests may run past midnight
NAMES = ("Karl-Heinz", "Öztürk", "Dana", "Olsen")
TEXT = "Karl-Heinz Öztürk (@kalle77, k.oeztuerk@mail.example, +49 170 5550123) of Hauptstr. 12, 20095 Hamburg, lies. "
SIGNALS = ("insult", "identity_attack", "threat", "relevance", "spam", "house", "words.banned", "author.rejection_rate")
LANGUAGES = ("de", "fr-CA", "es", "en", "nl", "ckb", None)
SPEECH = "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH"
INSULT = {"de": "Die Äußerung ist eine Beleidigung."}
LAW = Ground(INSULT, GroundKind.LAW, "§ 185 StGB", category=SPEECH, keywords=("KEYWORD_DEFAMATION",))
COUNT = 252  # three of every kind below


def write(newsroom: Newsroom, number: int) -> None:
    """A comment that the policy or a person decides, after a report or without one, by one of many rules."""
    name = f"c-{number}"
    newsroom.post(
        f"{TEXT}{number}",
        id=name,
        language=LANGUAGES[number % len(LANGUAGES)],
        author_id=f"u-{number}",
        author_name="Dana Olsen",
        posted_at=NOW - timedelta(days=number) if number else datetime(1999, 12, 31, tzinfo=UTC),
        now=NOW,
    )
    first = (Action.REJECT, Action.FLAG, Action.PUBLISH)[number % 3]
    settled(newsroom.database, newsroom.site.id, name, first, SIGNALS[number % len(SIGNALS)])
    if first is Action.PUBLISH and number % 2:
        told = Report(f"r-{number}", "insult", f"It names {NAMES[0]}")
        reporting.report(newsroom.database, newsroom.site.id, name, told, now=NOW)
    if first is not Action.REJECT:
        reason = ("Insult or abuse", "Off topic", f"rude to {NAMES[1]}", None)[number % 4]
        action = Action.FLAG if first is Action.PUBLISH and number % 5 == 0 else Action.REJECT
        decide(newsroom, name, action, 2, reason=reason, note=f"{NAMES[2]} again")
    if number % 7 == 0:
        decide(newsroom, name, Action.PUBLISH, 2 if first is Action.REJECT else 3)


def decide(newsroom: Newsroom, name: str, action: Action, version: int, **said: Any) -> None:
    api_decisions.rule(newsroom.database, newsroom.site.id, name, action, version=version, now=NOW, **said)


def settled(database: Database, site_id: str, name: str, action: Action, signal: str) -> None:
    with database.read() as conn:
        (scored,) = loading.load_waiting(conn, [comments.get_comment(conn, site_id, name).id])
    scoring = Scoring((Signal(signal, 0.9, "test"),), {signal: "test"}, "de", 0.1)
    reason = Reason(ReasonCode.RULE, action, signal, 0.9, 0.8, "at_least", f"Names {NAMES[3]}")
    assert settle(database, [Judgement(scored, scoring, Verdict(action, (reason,)))], now=NOW)


@pytest.fixture
def many(newsroom: Newsroom, database: Database, site: Site) -> Newsroom:
    details = {"Off topic": ReasonDetails({"de": "Daneben"}), "Insult or abuse": ReasonDetails(ground=LAW)}
    with database.write() as conn:
        settings = sites.get_site(conn, site.id).settings
        sites.update_site_settings(conn, site.id, type(settings)(reason_details=details))
    for number in range(COUNT):
        write(newsroom, number)
    return newsroom


def exported(file: Path) -> list[dict[str, Any]]:
    return [statement for line in file.read_text().splitlines() for statement in json.loads(line)["statements"]]


def test_every_statement_keeps_the_rules_of_the_database_and_names_nobody(many: Newsroom, tmp_path: Path) -> None:
    file = tmp_path / "statements.jsonl"

    total = exporting.export(many.database, many.site.id, TODAY, TOMORROW, file)

    calls = [json.loads(line) for line in file.read_text().splitlines()]
    assert [problem for call in calls for problem in problems(call)] == []
    assert [len(call["statements"]) for call in calls] == [100, 100, total.new - 200]
    found = exported(file)
    assert total.new == len(found) == COUNT
    assert len({one["puid"] for one in found}) == COUNT
    kinds = Counter(
        (one["decision_ground"], one["category"], one["source_type"], one["automated_detection"],
         one["automated_decision"], *one["decision_visibility"])
        for one in found
    )  # fmt: skip
    assert len(kinds) >= 12
    assert sum("end_date_visibility_restriction" in one for one in found) == COUNT // 7
    assert {one.get("content_language") for one in found} == {"DE", "FR", "ES", "EN", "NL", None}
    for one in found:
        free = json.dumps({name: value for name, value in one.items() if name != "puid"}, ensure_ascii=False)
        assert not [name for name in (*NAMES, "Hamburg", "kalle", "example") if name in free]
        assert not re.search(r"[@\d]", one["decision_facts"])
        assert not re.search(r"@|\d{5}|\+\d", free)


def test_an_export_goes_on_where_one_broke_off_and_repeats_nothing(many: Newsroom, tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole.jsonl", tmp_path / "broken.jsonl"
    exporting.export(many.database, many.site.id, TODAY, TOMORROW, whole)
    lines = whole.read_bytes().splitlines(keepends=True)
    broken.write_bytes(lines[0] + lines[1][:500])

    again = exporting.export(many.database, many.site.id, TODAY, TOMORROW, broken)
    third = exporting.export(many.database, many.site.id, TODAY, TOMORROW, broken)

    assert (again.new, again.earlier) == (COUNT - 100, 100)
    assert (third.new, third.earlier) == (0, COUNT)
    assert broken.read_bytes() == whole.read_bytes()


def test_other_days_and_other_sites_are_left_out(newsroom: Newsroom, other_site: Site, tmp_path: Path) -> None:
    write(newsroom, 3)
    yesterday = TODAY - timedelta(days=1)

    earlier = exporting.export(newsroom.database, newsroom.site.id, yesterday, yesterday, tmp_path / "a")
    others = exporting.export(newsroom.database, other_site.id, TODAY, TOMORROW, tmp_path / "b")

    assert (earlier.new, others.new) == (0, 0)


@pytest.mark.parametrize("held", ['{"events": []}\n', "a list of names", "[]\n"])
def test_a_file_of_another_kind_is_left_alone(newsroom: Newsroom, tmp_path: Path, held: str) -> None:
    file = tmp_path / "mine"
    file.write_text(held)

    with pytest.raises(InvalidInput):
        exporting.export(newsroom.database, newsroom.site.id, TODAY, TOMORROW, file)

    assert file.read_text() == held


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_page_of_the_export_walks_no_table(newsroom: Newsroom) -> None:
    write(newsroom, 3)
    asked = Asked(newsroom.database)

    with asked.listening(), newsroom.database.read() as conn:
        found = store.decided_between(conn, newsroom.site.id, after=min_id(), before=max_id(), limit=100)

    assert len(found) == 1
    assert asked.scans() == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_page_of_measures_walks_no_table(newsroom: Newsroom) -> None:
    asked = Asked(newsroom.database)

    with asked.listening(), newsroom.database.read() as conn:
        assert measure_rows.between(conn, newsroom.site.id, after=min_id(), before=max_id(), limit=100) == []

    ((statement, parameters),) = asked.statements
    assert asked.scans() == []
    assert any("ix_author_measures_site" in step for step in steps(statement, parameters))


def min_id() -> str:
    return "00000000-0000-0000-0000-000000000000"


def max_id() -> str:
    return "ffffffff-ffff-ffff-ffff-ffffffffffff"
