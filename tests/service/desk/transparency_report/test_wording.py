"""The words of the report: each says what happened, and no label is written twice under one heading."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from moderation.law.transparency_report.table import TransparencyLine, TransparencyPart
from service.desk.transparency_report import wording
from service.desk.transparency_report.wording import ReportRow, RowGroup
from service.languages import choice

LANGUAGES = ("en", "de", "fr", "es")
NOTICES, APPEALS = TransparencyPart.NOTICES, TransparencyPart.COMPLAINTS


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    with choice.speaking(request.param):
        yield request.param


def titles(part: TransparencyPart, *indicators: str) -> list[str]:
    sections = wording.sections([TransparencyLine(part, indicator, 1) for indicator in indicators])
    return [group.title for section in sections for group in section.groups]


def test_an_appeal_and_a_notice_share_no_words(language: str) -> None:
    """An appeal that is upheld leaves the comment down, a notice that is upheld takes it down."""
    notices = titles(NOTICES, "received", "upheld", "dismissed", "open")
    appeals = titles(APPEALS, "received", "upheld", "overturned", "settled", "open")

    assert len({*notices, *appeals}) == len(notices) + len(appeals) == 9


def test_an_appeal_that_came_to_nothing_says_so() -> None:
    with choice.speaking("de"):
        assert titles(APPEALS, "upheld", "overturned") == [
            "Entscheidung blieb bestehen", "Kommentar wieder veröffentlicht oder Maßnahme aufgehoben"
        ]  # fmt: skip
    with choice.speaking("en"):
        assert titles(APPEALS, "upheld", "overturned") == [
            "The decision stood", "The comment was put back, or the measure lifted"
        ]  # fmt: skip
        (section,) = (s for s in wording.sections([]) if "Appeals" in s.title)
        assert section.title == "Appeals by authors"


def test_lines_of_one_indicator_stand_under_its_title_once() -> None:
    part, law = TransparencyPart.OWN_INITIATIVE, "law"
    lines = [
        TransparencyLine(part, "measures", 5),
        TransparencyLine(part, "measures", 3, "STATEMENT_CATEGORY_VIOLENCE", law),
        TransparencyLine(part, "decided_by_software", 1, "STATEMENT_CATEGORY_VIOLENCE", law),
        TransparencyLine(part, "measures", 2, scope="house_rule"),
        TransparencyLine(part, "language", 5, scope="de"),
    ]

    with choice.speaking("en"):
        (section,) = (section for section in wording.sections(lines) if section.groups)

    assert section.groups == (
        RowGroup(
            "Comments not published or taken down, and authors suspended or banned",
            "5",
            (ReportRow("Violence · law", "3"), ReportRow("house rules", "2")),
        ),
        RowGroup("Of these, decided by software alone", "", (ReportRow("Violence · law", "1"),)),
        RowGroup("By language of the comment", "", (ReportRow("German", "5"),)),
    )
