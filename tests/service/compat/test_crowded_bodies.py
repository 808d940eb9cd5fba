"""The dialects refuse a body of too many values as the API does, each in its own words, and before it is parsed."""

from __future__ import annotations

import pytest

from service.compat.coral import calls as coral
from service.compat.perspective import messages
from service.compat.perspective.refusals import Refusal
from service.web.strict_json import MOST_VALUES
from tests.steps import calls

LISTS = ",".join(["[]"] * 80_000)


def test_perspective_names_the_field() -> None:
    raw = f'{{"languages":["en"],"comment":{{"text":[{LISTS}]}}}}'.encode()

    with pytest.raises(Refusal) as refused:
        messages.read(messages.analyze_message, raw)

    assert "comment has more than 50000 values" in str(refused.value.message)


def test_coral_names_the_field() -> None:
    raw = f'{{"author":{{"id":"u"}},"story":[{LISTS}]}}'.encode()

    with pytest.raises(coral.Unreadable, match="story has more than 50000 values"):
        coral.read(raw)


@pytest.mark.parametrize("size", [100_000, 1_000_000])
def test_the_refusal_takes_no_more_steps_for_a_longer_body(size: int) -> None:
    raw = b'{"a":[' + b'{"b":' * 3 + b",".join([b'"x"'] * size)

    def refuse() -> None:
        with pytest.raises(coral.Unreadable):
            coral.read(raw)

    assert calls(refuse) < 15 * MOST_VALUES
