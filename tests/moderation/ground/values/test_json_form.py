"""Signals as JSON: as a value, and as the text that is stored."""

from __future__ import annotations

import json
import math

import pytest

from moderation.ground.values.encoded import Encoded, stored
from moderation.ground.values.json_form import signal_from_json, signal_to_json, signals_to_text, span_to_json
from moderation.ground.values.signals import LikelyReason, Of, Signal, Span

SPAN = Span(3, 9, 0.123456, Of.ARTICLE, 'a "quote" \N{SNOWMAN}')
SIGNALS = (
    Signal("toxicity", 0.1234567891, "bundled@1"),
    Signal("toxicity", 0.5, "bundled@1"),
    Signal("toxicity", 1e-9, "bundled@1"),
    Signal("tiny", 0.0000123, "rules"),
    Signal("links", 0.0, "rules"),
    Signal("below", -0.0, "rules"),
    Signal("whole", 3, "rules"),
    Signal("large", 1e22, "rules"),
    Signal("missing", None, "rules"),
    Signal("broken", math.inf, "rules"),
    Signal('"value": null', None, '"value": null', 'not "sent" \\ \ud800'),
    Signal("relevance", 0.25, "bundled@1", evidence=(SPAN,)),
    Signal("house", 0.75, "house@2", likely=(LikelyReason("abuse", 0.33333),)),
    Signal("relevance", 0.5, "bundled@1", in_part=(Of.ARTICLE,)),
)


@pytest.mark.parametrize("signals", [(), SIGNALS[:1], SIGNALS, SIGNALS[::-1]], ids=len)
def test_the_text_of_signals_is_that_of_their_forms(signals: tuple[Signal, ...]) -> None:
    assert signals_to_text(signals) == json.dumps([signal_to_json(signal) for signal in signals])


def test_no_number_is_as_empty_as_in_its_form() -> None:
    text = signals_to_text([Signal("broken", math.nan, "rules")])

    assert math.isnan(json.loads(text)[0]["value"])


def test_signals_survive_the_text() -> None:
    kept = [signal for signal in SIGNALS if signal.name in ("links", "missing", "house") or signal.in_part]

    assert [signal_from_json(form) for form in json.loads(signals_to_text(kept))] == [
        Signal("links", 0.0, "rules"),
        Signal("missing", None, "rules"),
        Signal("house", 0.75, "house@2", likely=(LikelyReason("abuse", 0.3333),)),
        Signal("relevance", 0.5, "bundled@1", in_part=(Of.ARTICLE,)),
    ]


def test_a_signal_that_was_stored_with_names_left_out_is_still_read() -> None:
    toxicity = Signal("toxicity", 0.79, "bundled@1", evidence=(Span(3, 9),))
    names = {"value": 0.86, "words": [span_to_json(Span(0, 5))]}

    assert signal_from_json({**signal_to_json(toxicity), "left_out": names}) == toxicity


def test_text_is_stored_as_it_is_and_other_values_as_json() -> None:
    assert stored(Encoded("[1]")) == "[1]"
    assert stored("[1]") == '"[1]"'
    assert stored({"a": None}) == '{"a": null}'
