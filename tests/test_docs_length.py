"""The documents stay short: words in all, of a decision and of a card, lines of the changelog, links of the README."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
COUNTED = (
    "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "docs/**/*.md", "models/*/README.md",
)  # fmt: skip
MOST_WORDS = 29_000
MOST_WORDS_OF_A_DECISION = 200
MOST_WORDS_OF_A_CARD = 1_500
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
CARDS = sorted(ROOT.glob("models/*/README.md"))


def words(path: Path) -> int:
    """Of prose, tables and examples alike; the borders of a table are no words."""
    return sum(any(map(str.isalnum, word)) for word in path.read_text(encoding="utf-8").split())


def test_the_documents_together_have_at_most_twenty_nine_thousand_words() -> None:
    counts = {str(p.relative_to(ROOT)): words(p) for pattern in COUNTED for p in sorted(ROOT.glob(pattern))}

    assert len(counts) > 50
    assert sum(counts.values()) <= MOST_WORDS, sorted(counts.items(), key=lambda item: -item[1])[:10]


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_is_short_and_says_when_why_and_at_which_price(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    assert words(page) <= MOST_WORDS_OF_A_DECISION
    assert re.match(r"# .+\n\n20\d\d-\d\d-\d\d\n\n\*\*Context\.\*\* ", text)
    assert re.findall(r"^\*\*(\w+)\.\*\* ", text, re.MULTILINE) == ["Context", "Decision", "Price", "Considered"]


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.parent.name)
def test_a_model_card_is_short(card: Path) -> None:
    assert words(card) <= MOST_WORDS_OF_A_CARD


def test_the_first_page_has_few_links_and_the_changelog_few_lines() -> None:
    links = re.findall(r"(?<!!)\[[^\]]+\]\([^)]+\)", (ROOT / "README.md").read_text(encoding="utf-8"))

    assert 0 < len(links) <= 15
    assert len((ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()) <= 60


def test_the_page_of_measurements_has_few_results_and_leads_to_all_of_them() -> None:
    page = (ROOT / "docs" / "measuring.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| .+\? \| .+ \|$", page, re.MULTILINE)
    kept = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in ROOT.glob("bench/results/*.json")}
    measured = {name for name, content in kept.items() if "bench" in content}

    assert 10 <= len(rows) <= 15
    assert "(../bench/results/)" in page
    assert measured and measured <= set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    assert all(content["results"] and re.fullmatch(r"20\d\d-\d\d", content["measured"]) for content in kept.values())
