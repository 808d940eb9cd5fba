"""Reads a request's JSON body. Refuses bodies that two parsers could read differently, that a database cannot store, or
that nobody reads."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, NoReturn

from flask import Request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from moderation.ground.errors import FieldProblem, InvalidInput

MAX_DEPTH = 32
MOST_VALUES = 50_000
"""Of one body, objects and lists included. A batch of 500 comments has some 12,000, a policy whose four lists are full
20,000. To read 1,400,000 empty lists took 2.3 s, measured."""

NO_BODY = "this call takes no body, only parameters in its address"
_SUSPECT_ESCAPE = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)")
_PART = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{},]', re.DOTALL)
_PARTS_OF_VALUE = 6  # a bracket that opens, one that closes, a comma, a name, a text, and one to spare
_TOO_DEEP = 500  # a parser goes no deeper than a thousand
_IS_NAME = re.compile(rb"\s*+:")
_UNSTORABLE = re.compile("[\ud800-\udfff\x00]")


class StrictRequest(Request):
    """Its ``get_json`` returns the body that ``read`` accepted, also to a framework that would swallow errors."""

    parsed: dict[str, Any] | None = None

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """The body that ``read`` accepted; before that, Flask's own answer."""
        return self.parsed if self.parsed is not None else super().get_json(force=force, silent=silent, cache=cache)


def read(request: Request) -> dict[str, Any]:
    """The body as an object. Raises UnsupportedMediaType, RequestEntityTooLarge, InvalidInput for a body with too many
    values, and BadRequest that says why."""
    if not request.is_json:
        raise UnsupportedMediaType("the body must be application/json")
    raw = request.get_data(cache=False)
    try:
        if (field := crowded(raw)) is not None:
            raise InvalidInput(FieldProblem(field, f"has more than {MOST_VALUES:,} values"))
        parsed = json.loads(
            raw.decode(), object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_float=_finite
        )
    except UnicodeDecodeError as e:
        raise BadRequest(f"the body is not UTF-8: byte {e.start}") from e
    except json.JSONDecodeError as e:
        raise BadRequest(f"the body is not JSON: {e.msg.lower()} at line {e.lineno}, column {e.colno}") from e
    except RecursionError as e:
        raise BadRequest("the body is nested too deeply") from e
    except ValueError as e:  # an integer of thousands of digits
        raise BadRequest("the body contains a number that is too long") from e
    if not isinstance(parsed, dict):
        raise BadRequest("the body must be a JSON object")
    _check_depth(parsed)
    if _SUSPECT_ESCAPE.search(raw) or b"\x00" in raw:
        _check_texts(parsed)
    return parsed


def crowded(raw: bytes) -> str | None:
    """The field in which a body goes beyond ``MOST_VALUES``, or ``body``. None if it does not. It looks at no more
    parts than so many values can have, however long the body is. Raises RecursionError, as a parser does."""
    if raw.count(b",") + raw.count(b"[") + raw.count(b"{") <= MOST_VALUES:
        return None  # also if none of these is in a text
    field, depth, values, most_parts = "", 0, 0, _PARTS_OF_VALUE * MOST_VALUES
    for number, part in enumerate(islice(_PART.finditer(raw), most_parts), 1):
        sign = raw[part.start()]
        if sign in b"[{":
            depth += 1
            if depth > _TOO_DEEP:
                raise RecursionError
        elif sign in b"]}":
            depth -= 1
        elif sign in b'"' and depth == 1 and _IS_NAME.match(raw, part.end()):
            field = raw[part.start() + 1 : part.start() + 100].partition(b'"')[0].decode("utf-8", "replace")
        values += sign in b"[{,"
        if values > MOST_VALUES or number == most_parts:
            return field if field and depth > 1 else "body"
    return None


def refuse(request: Request) -> None:
    """Refuses what a caller sends to a call that takes no body, which would be ignored. An empty object is nothing.

    Raises InvalidInput, which names every field, and what ``read`` raises.
    """
    if request.content_length is None and request.headers.get("Transfer-Encoding") is None:
        return
    if request.is_json and request.content_length != 0:
        problems = [FieldProblem(name[:100], f"is not known here: {NO_BODY}") for name in read(request)]
    else:
        problems = [FieldProblem("body", f"must be empty: {NO_BODY}")] if request.get_data(cache=False).strip() else []
    if problems:
        raise InvalidInput(*problems)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise BadRequest(f"the body has the name {name[:100]!r} twice in one object")
        members[name] = value
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise BadRequest(f"the body contains {name}, which is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise BadRequest("the body contains a number that is too large")
    return number


def _check_depth(value: Any) -> None:
    level = [value]
    for _depth in range(MAX_DEPTH):
        level = [child for parent in level for child in _children(parent) if isinstance(child, dict | list)]
        if not level:
            return
    raise BadRequest(f"the body is nested more than {MAX_DEPTH} levels deep")


def _children(value: Any) -> Iterator[Any]:
    yield from value.values() if isinstance(value, dict) else value


def _check_texts(value: Any, path: str = "") -> None:
    if isinstance(value, str) and (bad := _UNSTORABLE.search(value)):
        what = "a null character" if bad.group() == "\x00" else "a lone surrogate"
        raise BadRequest(f"{path} has {what} at position {bad.start()}")
    if isinstance(value, list):
        for index, child in enumerate(value):
            _check_texts(child, f"{path}[{index}]")
    if isinstance(value, dict):
        for name, child in value.items():
            _check_texts(name, f"a name in {path or 'the body'}")
            _check_texts(child, f"{path}.{name}" if path else name)
