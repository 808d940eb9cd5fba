"""The card's tables come from the reports."""

from pathlib import Path
from typing import Any

import pytest

from training.card import tables, written

CARD = Path(__file__).parents[2] / "models" / "toxicity" / "README.md"


def a_report(auc: float, caught: float) -> dict[str, Any]:
    measured = {"value": auc, "low": auc - 0.01, "high": auc + 0.01, "rows": 9671, "positives": 4876}
    line = {"limit": 0.8, "over_flagged_news": 0.02, "caught_news": caught}
    return {
        "auc": {"validation": {"toxicity": {"all": measured}}, "news": {}},
        "toxicity_alone": [{**line, "over_flagged_validation": 0.03, "caught_validation": 0.7}],
        "at_default_limits": {
            "over_flagged": {"news": 0.027, "validation": 0.02},
            "caught": {"news": caught, "validation": 0.7, "davidson_tweets": 0.75},
        },
    }


def test_each_table_has_the_old_and_the_new_numbers() -> None:
    parts = tables(a_report(0.95, 0.4), a_report(0.937, 0.3))

    assert "| validation, all | toxicity | 9,671 | 4,876 | 0.937 [0.927–0.947] | 0.950 [0.940–0.960] |" in parts["auc"]
    assert "| 0.8 | 2.0 % (2.0) | 40.0 % (30.0) | 3.0 % (3.0) | 70.0 % (70.0) |" in parts["toxicity alone"]
    assert "| davidson_tweets | – | 75.0 % |" in parts["default limits"]


def test_only_the_text_between_markers_is_written() -> None:
    card = "Words.\n<!-- auc -->\nold\n<!-- end of auc -->\nMore words.\n"

    assert written(card, {"auc": "new\n"}) == "Words.\n<!-- auc -->\nnew\n<!-- end of auc -->\nMore words.\n"


def test_a_card_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="no markers for 'auc'"):
        written("Words.\n", {"auc": "new\n"})


def test_the_bundled_card_has_every_marker() -> None:
    parts = tables(a_report(0.95, 0.4), a_report(0.937, 0.3))

    assert "0.950 [0.940–0.960]" in written(CARD.read_text(encoding="utf-8"), parts)
