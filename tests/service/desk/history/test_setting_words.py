"""A change of settings in words: no value is shown as a program keeps it."""

from __future__ import annotations

from typing import Any

import pytest

from service.desk.history import setting_words
from service.desk.history.in_words import _plain
from service.languages import choice

GROUND: dict[str, Any] = {"kind": "law", "provision": "§ 185 StGB", "texts": {"de": "Grob."}, "keywords": []}
RUDE: dict[str, Any] = {"wordings": {"de": "Grob"}, "counts_against_author": False, "messages": {}, "ground": GROUND}


def lines(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    with choice.speaking("en"):
        return list(setting_words.changed(before, after, _plain))


def test_only_the_reason_that_changed_is_told() -> None:
    before = {"reason_details": {"Rude": RUDE, "Dull": RUDE}}
    after = {"reason_details": {"Rude": {**RUDE, "counts_against_author": True}, "Dull": RUDE}}

    (line,) = lines(before, after)

    assert line == (
        "Wordings, messages, weight and ground of the reasons, Rude: "
        "wordings: de: Grob; counts against author: no; ground: kind: law; provision: § 185 StGB; texts: de: Grob. → "
        "wordings: de: Grob; counts against author: yes; ground: kind: law; provision: § 185 StGB; texts: de: Grob."
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"author_ladder": None}, {"author_ladder": {"rejections": 3, "steps": [{"measure": "hold", "days": 7}]}}),
        ({"reason_details": {}}, {"reason_details": {"Rude": RUDE}}),
        ({"keep_days": {"published": 1}}, {"keep_days": {"published": None}}),
        ({"origins": []}, {"origins": ["https://a.example"]}),
    ],
)
def test_no_line_shows_a_value_of_python(before: dict[str, Any], after: dict[str, Any]) -> None:
    shown = " ".join(lines(before, after))

    assert shown and not set("{}[]'") & set(shown) and "None" not in shown
