"""Nothing that a caller sends makes Gavel stumble: it is read, or refused in Google's words."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.compat.perspective.analysis import analysis_of
from service.compat.perspective.batch import Answered, parts_of, written
from service.compat.perspective.offsets import Offsets
from service.compat.perspective.performing import suggestion_of
from service.compat.perspective.refusals import Refusal

FIELDS = (
    "comment", "text", "type", "context", "entries", "articleAndParentComment", "article", "parent_comment",
    "requestedAttributes", "requested_attributes", "scoreType", "scoreThreshold", "languages", "doNotStore",
    "clientToken", "spanAnnotations", "attributeScores", "summaryScore", "spanScores", "score", "value", "TOXICITY",
)  # fmt: skip
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["PLAIN_TEXT", "en", "0.5"])
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES, lambda child: st.lists(child, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), child, max_size=4)
)
BODIES = st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=6)


UNHURRIED = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])


def answered(read: Callable[[], object]) -> int:
    """The status: of a refusal, or 200."""
    try:
        read()
    except Refusal as e:
        return e.code
    return 200


@UNHURRIED
@given(BODIES)
def test_any_object_is_read_or_refused(body: dict[str, Any]) -> None:
    raw = json.dumps(body).encode()

    assert {answered(partial(read, raw)) for read in (analysis_of, suggestion_of)} <= {200, 400}


@UNHURRIED
@given(VALUES, st.sampled_from(FIELDS[:17]))
def test_any_value_in_a_request_that_is_right_otherwise_is_read_or_refused(value: Any, field: str) -> None:
    body = {"comment": {"text": "Fine"}, "requestedAttributes": {"TOXICITY": {}}, field: value}

    assert answered(lambda: analysis_of(json.dumps(body).encode()).drafts()) in (200, 400)


@UNHURRIED
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    assert answered(partial(analysis_of, raw)) in (200, 400)


@UNHURRIED
@given(st.binary(max_size=300), st.sampled_from(["cut", "", "\u00e9", "a b"]))
def test_any_batch_is_read_or_refused(raw: bytes, boundary: str) -> None:
    def read() -> None:
        parts = parts_of(f'multipart/mixed; boundary="{boundary}"', b"--cut\r\n" + raw + b"\r\n--cut--")
        written([Answered(part.id, 200, "{}") for part in parts])

    assert answered(read) in (200, 400)


@UNHURRIED
@given(st.text(), st.text())
def test_offsets_are_those_of_utf_16(before: str, after: str) -> None:
    def units(text: str) -> int:
        return len(text.encode("utf-16-le", "surrogatepass")) // 2

    offsets = Offsets(before + after)

    assert offsets.of(len(before)) == units(before)
    assert offsets.length == units(before + after)
