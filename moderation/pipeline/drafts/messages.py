"""The messages between the web service and a scoring process: texts to score, and their signals, as JSON.

Both sides read them strictly, so a message of another program or version is refused by name and not half understood.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from moderation.ground.values import json_form
from moderation.ground.values.signals import Signal
from moderation.pipeline.drafts.drafts import MAX_ARTICLE_CHARS, MAX_TEXT_CHARS, ScoredSentence

DEADLINE_HEADER = "Gavel-Deadline-Ms"
CALLER_HEADER = "Gavel-Caller"  # who asks, within the site of the texts: a key, and a digest of the reader if known
SCORE_PATH, STATE_PATH = "/score", "/state"
MAX_TEXTS = 64  # in one message; the client sends longer lists in several
MAX_BYTES = 4 * 1024 * 1024
MAX_DEADLINE_MS = 60_000
MAX_TAGS = 50
MAX_LIMITS = 100
MAX_CALLER_CHARS = 200
OTHER_CHARS = 2_000  # names, keys and limits beside a text


class BadMessage(ValueError):
    """A message that this version does not understand. The text says why, and quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class LimitToExplain:
    """A limit of the policy. If the signal exceeds it, the words behind the signal are looked for."""

    signal: str
    bound: str  # "at_least" | "below"
    value: float

    def is_exceeded_by(self, value: float) -> bool:
        return value >= self.value if self.bound == "at_least" else value < self.value


@dataclass(frozen=True, slots=True)
class Text:
    """A text to score, and all that the models read beside it."""

    text: str
    site_id: str | None = None  # whose corrections to the models count
    language: str | None = None
    title: str | None = None
    summary: str | None = None
    article_text: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    parent_text: str | None = None
    article_key: str | None = None
    spans: bool = False
    explain: tuple[LimitToExplain, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoredText:
    """The signals of a text. ``too_costly`` if it takes too long to read: then it has none."""

    signals: tuple[Signal, ...]
    language: str | None = None
    sentences: tuple[ScoredSentence, ...] = ()
    too_costly: bool = False


@dataclass(frozen=True, slots=True)
class ScoringAnswer:
    """One result for each text, in order, and the versions of the models."""

    models: Mapping[str, str]
    scored: tuple[ScoredText, ...]


@dataclass(frozen=True, slots=True)
class ScoringProcessState:
    """A scoring process, in its own words."""

    models: Mapping[str, str]
    waiting: int  # texts
    scored: int  # texts since it started
    refused: int  # requests since it started, for want of time


def chars_of(text: Text) -> int:
    """The characters of all that the message has about a text."""
    parts = (text.text, text.title, text.summary, text.article_text, text.section, text.parent_text, *text.tags)
    return OTHER_CHARS + sum(len(part or "") for part in parts)


def texts_to_bytes(texts: tuple[Text, ...]) -> bytes:
    form = {"texts": [asdict(text) for text in texts]}
    return json.dumps(form, ensure_ascii=False).encode("utf-8", "replace")


def texts_from_bytes(body: bytes) -> tuple[Text, ...]:
    """Raises BadMessage."""
    given = _list(_object(_parsed(body), {"texts"})["texts"], most=MAX_TEXTS)
    if not given:
        raise BadMessage("there are no texts")
    return tuple(map(_text, given))


def answer_to_bytes(answer: ScoringAnswer) -> bytes:
    scored = [
        {
            "signals": [json_form.signal_to_json(signal) for signal in text.signals],
            "language": text.language,
            "sentences": [asdict(sentence) for sentence in text.sentences],
            "too_costly": text.too_costly,
        }
        for text in answer.scored
    ]
    return json.dumps({"models": dict(answer.models), "scored": scored}).encode()


def answer_from_bytes(body: bytes) -> ScoringAnswer:
    """Raises BadMessage."""
    try:
        form = json.loads(body)
        return ScoringAnswer(dict(form["models"]), tuple(map(_scored, form["scored"])))
    except (ValueError, LookupError, TypeError, AttributeError) as e:
        raise BadMessage(f"not an answer of a scoring process: {type(e).__name__}") from e


def state_to_bytes(state: ScoringProcessState) -> bytes:
    return json.dumps(asdict(state)).encode()


def state_from_bytes(body: bytes) -> ScoringProcessState:
    """Raises BadMessage."""
    try:
        return ScoringProcessState(**json.loads(body))
    except (ValueError, TypeError) as e:
        raise BadMessage(f"not the state of a scoring process: {type(e).__name__}") from e


def _scored(form: Mapping[str, Any]) -> ScoredText:
    return ScoredText(
        signals=tuple(json_form.signal_from_json(signal) for signal in form["signals"]),
        language=form["language"],
        sentences=tuple(ScoredSentence(part["start"], part["end"], dict(part["values"])) for part in form["sentences"]),
        too_costly=form["too_costly"],
    )


_TEXT_CHARS = {
    "text": MAX_TEXT_CHARS,
    "site_id": 100,
    "language": 100,
    "title": 1_000,
    "summary": 5_000,
    "article_text": MAX_ARTICLE_CHARS,
    "section": 100,
    "parent_text": MAX_TEXT_CHARS,
    "article_key": 200,
}


def _text(given: Any) -> Text:
    form = _object(given, {field.name for field in fields(Text)})
    words = {name: _string(name, form[name], most) for name, most in _TEXT_CHARS.items()}
    if not isinstance(words["text"], str):
        raise BadMessage("text is missing")
    if not isinstance(form["spans"], bool):
        raise BadMessage("spans is neither true nor false")
    tags = tuple(filter(None, (_string("tags", tag, 100) for tag in _list(form["tags"], most=MAX_TAGS))))
    limits = tuple(map(_limit, _list(form["explain"], most=MAX_LIMITS)))
    return Text(**words, tags=tags, spans=form["spans"], explain=limits)  # type: ignore[arg-type]


def _limit(given: Any) -> LimitToExplain:
    form = _object(given, {"signal", "bound", "value"})
    signal, value = _string("signal", form["signal"], 100), form["value"]
    if signal is None or form["bound"] not in ("at_least", "below") or not isinstance(value, int | float):
        raise BadMessage("a limit is not one")
    return LimitToExplain(signal, form["bound"], float(value))


def _parsed(body: bytes) -> Any:
    if len(body) > MAX_BYTES:
        raise BadMessage(f"more than {MAX_BYTES:,} bytes")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as e:
        raise BadMessage("not JSON") from e


def _object(given: Any, names: set[str]) -> Mapping[str, Any]:
    if not isinstance(given, dict) or given.keys() != names:
        raise BadMessage(f"not an object with the fields {', '.join(sorted(names))}")
    return given


def _list(given: Any, *, most: int) -> list[Any]:
    if not isinstance(given, list) or len(given) > most:
        raise BadMessage(f"not a list of at most {most}")
    return given


def _string(name: str, given: Any, most: int) -> str | None:
    if given is None:
        return None
    if not isinstance(given, str) or len(given) > most:
        raise BadMessage(f"{name} is no text of at most {most:,} characters")
    return given
