"""The JSON form of signals, reasons and spans, which the database, the API and the events share."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from moderation.ground.values.encoded import Encoded
from moderation.ground.values.signals import LikelyReason, Of, Signal, Span
from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import Part, Reason, ReasonCode


def span_to_json(span: Span) -> dict[str, Any]:
    """The weight is rounded to four digits. ``quote`` is left out where there is none."""
    form: dict[str, Any] = {"of": span.of, "start": span.start, "end": span.end, "weight": round(span.weight, 4)}
    if span.quote is not None:
        form["quote"] = span.quote
    return form


def span_from_json(form: Mapping[str, Any]) -> Span:
    return Span(form["start"], form["end"], form["weight"], Of(form["of"]), form.get("quote"))


def signal_to_json(signal: Signal) -> dict[str, Any]:
    """The value is rounded to six digits, and a likely reason's probability to four. ``likely`` and
    ``in_part`` are missing where there is none."""
    form: dict[str, Any] = {
        "name": signal.name,
        "value": None if signal.value is None else round(signal.value, 6),
        "abstained": signal.abstained,
        "source": signal.source,
        "evidence": _spans(signal.evidence),
    }
    if signal.likely:
        form["likely"] = [
            {"reason": reason.reason, "probability": round(reason.probability, 4)} for reason in signal.likely
        ]
    if signal.in_part:
        form["in_part"] = list(signal.in_part)
    return form


def signals_to_text(signals: Iterable[Signal]) -> Encoded:
    """The forms of ``signal_to_json`` as the text of a JSON list.

    A comment has about thirty signals, and most are a name, a number and a source, with nothing else in their form.
    """
    forms = []
    for signal in signals:
        value = signal.value
        has_more = signal.evidence or signal.likely or signal.in_part
        if has_more or not _is_plain(value):
            forms.append(json.dumps(signal_to_json(signal)))
        else:
            head, tail = _around(signal.name, signal.abstained, signal.source)
            forms.append(f"{head}null{tail}" if value is None else f"{head}{float.__repr__(round(value, 6))}{tail}")
    return Encoded(f"[{', '.join(forms)}]")


def _is_plain(value: float | None) -> bool:
    """Whether its text in JSON is that of Python."""
    return value is None or (isinstance(value, float) and math.isfinite(value))


@lru_cache(maxsize=512)  # saves 0.25 ms of storing the thirty signals of a comment, measured
def _around(name: str, abstained: str | None, source: str) -> tuple[str, str]:
    """The text before the value and behind it."""
    whole = json.dumps(signal_to_json(Signal(name, None, source, abstained)))
    head, _, tail = whole.partition('"value": null')
    return f'{head}"value": ', tail


def signal_from_json(form: Mapping[str, Any]) -> Signal:
    """Older forms may name groups that counted less then; this is passed over."""
    evidence, likely = form["evidence"], form.get("likely")  # most have none
    return Signal(
        form["name"],
        form["value"],
        form["source"],
        form["abstained"],
        tuple(map(span_from_json, evidence)) if evidence else (),
        tuple(LikelyReason(reason["reason"], reason["probability"]) for reason in likely) if likely else (),
        tuple(map(Of, form.get("in_part", ()))),
    )


def reason_to_json(reason: Reason) -> dict[str, Any]:
    """The value is rounded to six digits."""
    return {
        "code": reason.code,
        "action": reason.action,
        "signal": reason.signal,
        "value": None if reason.value is None else round(reason.value, 6),
        "bound": reason.bound,
        "limit": reason.limit,
        "label": reason.label,
        "detail": reason.detail,
        "evidence": _spans(reason.evidence),
        "parts": [_part_to_json(part) for part in reason.parts],
    }


def reason_from_json(form: Mapping[str, Any]) -> Reason:
    return Reason(
        code=ReasonCode(form["code"]),
        action=Action(form["action"]),
        signal=form["signal"],
        value=form["value"],
        limit=form["limit"],
        bound=form["bound"],
        label=form["label"],
        detail=form["detail"],
        evidence=tuple(span_from_json(span) for span in form["evidence"]),
        parts=tuple(map(_part_from_json, form.get("parts", ()))),  # older reasons have none
    )


def _part_to_json(part: Part) -> dict[str, Any]:
    return {
        "signal": part.signal,
        "value": None if part.value is None else round(part.value, 6),
        "bound": part.bound,
        "limit": part.limit,
        "evidence": _spans(part.evidence),
    }


def _part_from_json(form: Mapping[str, Any]) -> Part:
    evidence = tuple(span_from_json(span) for span in form["evidence"])
    return Part(form["signal"], form["value"], form["bound"], form["limit"], evidence)


def _spans(spans: Sequence[Span]) -> list[dict[str, Any]]:
    return [span_to_json(span) for span in spans]
