"""Reading a body costs in proportion to its length, with any content."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from werkzeug.exceptions import BadRequest
from werkzeug.test import EnvironBuilder

from service.web import strict_json
from service.web.strict_json import StrictRequest

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
    with suppress(BadRequest):
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
