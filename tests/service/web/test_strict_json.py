"""Reading a body costs in proportion to its length, with any content."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from werkzeug.exceptions import BadRequest
from werkzeug.test import EnvironBuilder

from moderation.ground.errors import InvalidInput
from service.web import strict_json
from service.web.strict_json import StrictRequest
from tests.steps import calls

LARGEST = 4 * 1024 * 1024  # a batch
WITHIN_S = 5.0  # on a busy machine; quadratic it was minutes

Body = Callable[[int], str]


def names(count: int) -> str:
    """All different, and the last one there already: which costs most to find."""
    return ",".join([*(f'"n{number}":0' for number in range(count - 1)), f'"n{count - 2}":0'])


BODIES: dict[str, Body] = {
    "a repeated name at the end": lambda n: "{" + names(n // 12) + "}",
    "one name only": lambda n: "{" + ",".join(['"a":0'] * (n // 6)) + "}",
    "small objects": lambda n: '{"a":[' + ",".join(['{"a":0}'] * (n // 8)) + "]}",
    "numbers of many digits": lambda n: '{"a":[' + ",".join(["9" * 4000] * (n // 4001)) + "]}",
    "long fractions": lambda n: '{"a":[' + ",".join(["0." + "9" * 4000] * (n // 4003)) + "]}",
    "escapes": lambda n: '{"a":"' + "\\u00e9" * (n // 6) + '"}',
    "surrogates": lambda n: '{"a":"' + "\\ud83d\\ude00" * (n // 12) + '"}',
    "an endless text": lambda n: '{"a":"' + "x" * n,
    "open brackets": lambda n: '{"a":' + "[" * n,
}


def seconds_for(text: str) -> float:
    """Of this thread alone: other work on the machine does not count."""
    request = StrictRequest(EnvironBuilder("/", "POST", data=text, content_type="application/json").get_environ())
    started = time.thread_time()
    with suppress(BadRequest, InvalidInput):
        strict_json.read(request)
    return time.thread_time() - started


@pytest.mark.parametrize("kind", BODIES)
def test_the_largest_body_is_read_in_seconds(kind: str) -> None:
    assert seconds_for(BODIES[kind](LARGEST)) < WITHIN_S


def test_the_name_that_comes_twice_is_told() -> None:
    request = StrictRequest(
        EnvironBuilder("/", "POST", data='{"a":{"b":1,"c":2,"b":3}}', content_type="application/json").get_environ()
    )

    with pytest.raises(BadRequest) as refused:
        strict_json.read(request)

    assert refused.value.description == "the body has the name 'b' twice in one object"


def body_of(text: str) -> StrictRequest:
    return StrictRequest(EnvironBuilder("/", "POST", data=text, content_type="application/json").get_environ())


CROWDED: dict[str, tuple[str, Body]] = {
    "empty lists": ("comments", lambda n: '{"version":1,"comments":[' + ",".join(["[]"] * (n // 3)) + "]}"),
    "empty objects": ("words", lambda n: '{"words": {"a":[' + ",".join(["{}"] * (n // 3)) + "]}}"),
    "names": ("body", lambda n: "{" + ",".join(f'"n{number}":0' for number in range(n // 12)) + "}"),
    "escaped texts": ("a", lambda n: '{"a":[' + ",".join(['"\\"[,"'] * (n // 8)) + "]}"),
    "closed brackets": ("body", lambda n: "{},,[" + "]" * n + "," * 60_000),
    "texts without commas": ("body", lambda n: '""' * (n // 2) + "," * 60_000),
}


@pytest.mark.parametrize("kind", CROWDED)
def test_a_body_of_too_many_values_is_refused_by_its_field_before_it_is_read(kind: str) -> None:
    field, body = CROWDED[kind]
    request = body_of(body(LARGEST))
    refusals: list[InvalidInput] = []

    def refuse() -> None:
        with pytest.raises(InvalidInput) as refused:
            strict_json.read(request)
        refusals.append(refused.value)

    steps = calls(refuse)

    assert [(problem.field, problem.message) for problem in refusals[0].problems] == [
        (field, "has more than 50,000 values")
    ]
    assert steps < 30 * strict_json.MOST_VALUES


def test_commas_and_brackets_in_texts_are_no_values() -> None:
    said = {"a": '[{,"' * 100_000}

    assert strict_json.read(body_of(json.dumps(said))) == said


@pytest.mark.parametrize(("values", "is_read"), [(strict_json.MOST_VALUES, True), (strict_json.MOST_VALUES + 1, False)])
def test_a_body_may_have_as_many_values_as_the_limit_says(values: int, is_read: bool) -> None:
    text = '{"a":[' + ",".join(["1"] * (values - 1)) + "]}"  # beside them an object and a list, and a comma less

    assert (strict_json.crowded(text.encode()) is None) is is_read
