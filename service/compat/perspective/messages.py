"""Reads a JSON body as the messages of Perspective's interface. Names may be in lowerCamelCase or snake_case, as proto3
allows, but the keys of maps (the attributes) are data and stay as they are. Unknown fields are refused by name.

https://protobuf.dev/programming-guides/json/
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from service.compat.perspective.refusals import invalid, unreadable, wrong_value
from service.web import strict_json

Kind = Callable[[Any, str], Any]  # a value and its path; raises Refusal


def _camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)


def message(**fields: Kind) -> Kind:
    """An object with these fields, in snake_case. A field that is missing or null is left out."""
    names = {spelling: name for name in fields for spelling in (name, _camel(name))}

    def read(value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise wrong_value(path or "body", "an object", value)
        members: dict[str, Any] = {}
        for key, child in value.items():
            name = names.get(key)
            if name is None:
                where = f" at '{path}'" if path else ""
                raise unreadable(f'Unknown name "{key[:100]}"{where}: Cannot find field.', path)
            if child is not None:
                members[name] = fields[name](child, f"{path}.{name}" if path else name)
        return members

    return read


def list_of(kind: Kind) -> Kind:
    def read(value: Any, path: str) -> list[Any]:
        if not isinstance(value, list):
            raise wrong_value(path, "a list", value)
        return [kind(child, f"{path}[{index}]") for index, child in enumerate(value)]

    return read


def map_of(kind: Kind) -> Kind:
    """An object whose keys are data."""

    def read(value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise wrong_value(path, "an object", value)
        return {
            text(key, path): kind({} if child is None else child, f"{path}[{key[:100]}]")
            for key, child in value.items()
        }

    return read


_UNSTORABLE = re.compile("[\ud800-\udfff\x00]")


def text(value: Any, path: str) -> str:
    """With a sign in place of null characters and of halves of cut emoji, which no database keeps."""
    if not isinstance(value, str):
        raise wrong_value(path, "TYPE_STRING", value)
    return _UNSTORABLE.sub("\ufffd", value)


def yes_or_no(value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise wrong_value(path, "TYPE_BOOL", value)
    return value


def number(value: Any, path: str) -> float:
    """A number, or one written as a string."""
    try:
        parsed = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        parsed = math.nan
    if not math.isfinite(parsed):
        raise wrong_value(path, "TYPE_FLOAT", value)
    return parsed


def whole(value: Any, path: str) -> int:
    parsed = number(value, path)
    if parsed != int(parsed):
        raise wrong_value(path, "TYPE_INT32", value)
    return int(parsed)


_entry = message(text=text, type=text)
_score = message(value=number, type=text)
_context = message(entries=list_of(_entry), article_and_parent_comment=message(article=_entry, parent_comment=_entry))
_SHARED = {
    "comment": _entry,
    "context": _context,
    "languages": list_of(text),
    "client_token": text,
    "session_id": text,
    "community_id": text,
}
analyze_message = message(
    **_SHARED,
    requested_attributes=map_of(message(score_type=text, score_threshold=number)),
    do_not_store=yes_or_no,
    span_annotations=yes_or_no,
)
suggest_message = message(
    **_SHARED,
    attribute_scores=map_of(
        message(summary_score=_score, span_scores=list_of(message(begin=whole, end=whole, score=_score)))
    ),
)


def read(kind: Kind, raw: bytes) -> dict[str, Any]:
    """The body as that message; an empty body is an empty message. Raises Refusal."""
    try:
        if (field := strict_json.crowded(raw)) is not None:
            raise unreadable(f"{field} has more than {strict_json.MOST_VALUES} values.")
        parsed = json.loads(raw.decode()) if raw.strip() else {}
    except UnicodeDecodeError as e:
        raise unreadable(f"The body is not UTF-8 at byte {e.start}.") from e
    except json.JSONDecodeError as e:
        raise unreadable(f"{e.msg} at line {e.lineno}, column {e.colno}.") from e
    except (RecursionError, ValueError) as e:
        raise unreadable("The body is nested too deeply, or has a number of too many digits.") from e
    if not isinstance(parsed, dict):
        raise unreadable("Root element must be a message.")
    fields: dict[str, Any] = kind(parsed, "")
    return fields


def plain_text(entry: Mapping[str, Any]) -> str:
    """The text of an entry. Raises Refusal for a type other than plain text."""
    kind = entry.get("type", "PLAIN_TEXT")
    if kind == "HTML":
        raise invalid("Currently, only 'PLAIN_TEXT' comments are supported")
    if kind not in ("PLAIN_TEXT", "TEXT_TYPE_UNSPECIFIED"):
        raise invalid("Unknown text type")
    text: str = entry.get("text", "")
    return text
