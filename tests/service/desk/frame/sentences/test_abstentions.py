"""Why a signal has no value reads as a sentence of the reader's language, not as the row says it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from moderation.judging.text.innocent import PETITION, QUOTES, WISH
from service.desk.frame.sentences.abstentions import why_no_value
from service.languages import catalogues, choice
from workers.scoring.encoder.passages import NO_ARTICLE, TOO_SHORT

ROOT = Path(__file__).parents[5]
NAMED = (TOO_SHORT, NO_ARTICLE, QUOTES, WISH, PETITION)
FILLED = {"language_name": "Turkish", "language": "Turkish", "comment": "tr", "MIN_DECIDED": "5"}


def written_in(folder: str) -> Iterator[ast.expr]:
    """The reasons that the code of a folder gives."""
    for path in (ROOT / folder).rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call):
                yield from (keyword.value for keyword in call.keywords if keyword.arg == "abstained")
                if isinstance(call.func, ast.Name) and call.func.id == "Measured":
                    yield from call.args[1:2]


def sentence(node: ast.expr) -> str | None:
    """A reason as a row has it; None where it is not written there."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return None
    parts = list[str]()
    for part in node.values:
        names = [name.id for name in ast.walk(part) if isinstance(name, ast.Name)]
        parts.append(str(part.value) if isinstance(part, ast.Constant) else FILLED[names[0]])
    return "".join(parts)


def reasons() -> set[str]:
    nodes = (node for folder in ("moderation/judging", "workers/scoring") for node in written_in(folder))
    return {*NAMED, *filter(None, map(sentence, nodes)), "language: tr", "not measured in Turkish"}


def test_the_code_gives_reasons_that_this_finds() -> None:
    assert {"too short", "not sent", "fewer than 5 decided comments", "language: tr"} <= reasons()
    assert len(reasons()) > 9


@pytest.mark.parametrize("language", [code for code in catalogues.codes() if code != "en"])
def test_every_reason_in_the_code_has_words_in_every_language(language: str) -> None:
    with choice.speaking(language):
        assert [reason for reason in reasons() if why_no_value(reason) == reason] == []


@pytest.mark.parametrize(
    ("reason", "german"),
    [
        ("too short", "zu kurz für ein Urteil"),
        ("language: tr", "in dieser Sprache nicht bewertet: Türkisch"),
        ("language: und", "in dieser Sprache nicht bewertet: Sprache nicht erkennbar"),
        ("not measured in Portuguese", "in dieser Sprache nicht gemessen: Portugiesisch"),
        ("too few decisions in this language", "zu wenige Entscheidungen in dieser Sprache"),
        ("fewer than 5 decided comments", "über weniger als 5 Kommentare dieses Kontos ist entschieden"),
        ("Ana approved such copies", "Ana hat solche Kopien freigegeben"),
        ("what no sentence says", "what no sentence says"),
    ],
)
def test_reasons_are_told_in_german(reason: str, german: str) -> None:
    with choice.speaking("de"):
        assert why_no_value(reason) == german
