"""The card's tables come from the report."""

from pathlib import Path
from typing import Any

import pytest

from training.publishing.card import tables, written

CARD = Path(__file__).parents[3] / "models" / "toxicity" / "README.md"
MEASURED = {"value": 0.95, "low": 0.94, "high": 0.96, "rows": 9671, "positives": 4876}


def a_report() -> dict[str, Any]:
    line = {"limit": 0.8, "over_flagged_news": 0.02, "caught_news": 0.4}
    return {
        "auc": {
            "validation": {"toxicity": {"all": MEASURED, "davidson_tweets": MEASURED}},
            "news": {"toxicity": {"all": MEASURED, "c3_globe_and_mail": MEASURED}, "insult": {"c3": MEASURED}},
        },
        "toxicity_alone": [{**line, "over_flagged_validation": 0.03, "caught_validation": 0.7}],
        "at_default_limits": {
            "over_flagged": {"news": 0.027, "validation": 0.02},
            "caught": {"news": 0.41, "validation": 0.7, "davidson_tweets": 0.75},
        },
    }


def test_each_file_has_a_line_and_of_single_sources_only_those_of_news() -> None:
    rows = tables(a_report())["auc"].splitlines()[2:]

    assert rows == [
        "| social media and talk pages | toxicity | 9,671 | 4,876 | 0.950 [0.940–0.960] |",
        "| comments on news | toxicity | 9,671 | 4,876 | 0.950 [0.940–0.960] |",
        "| c3_globe_and_mail | toxicity | 9,671 | 4,876 | 0.950 [0.940–0.960] |",
    ]


def test_the_limits_end_with_the_default_ones() -> None:
    rows = tables(a_report())["limits"].splitlines()[2:]

    assert rows == [
        "| 0.8 | 2.0 % | 40.0 % | 3.0 % | 70.0 % |",
        "| all default limits | 2.7 % | 41.0 % | 2.0 % | 70.0 % |",
    ]


def test_only_the_text_between_markers_is_written() -> None:
    card = "Words.\n<!-- auc -->\nold\n<!-- end of auc -->\nMore words.\n"

    assert written(card, {"auc": "new\n"}) == "Words.\n<!-- auc -->\nnew\n<!-- end of auc -->\nMore words.\n"


def test_a_card_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="no markers for 'auc'"):
        written("Words.\n", {"auc": "new\n"})


def test_the_bundled_card_has_every_marker() -> None:
    assert "0.950 [0.940–0.960]" in written(CARD.read_text(encoding="utf-8"), tables(a_report()))
