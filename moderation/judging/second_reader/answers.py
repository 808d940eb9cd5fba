"""From the bytes of an answer to an opinion; and from the opinions on each rule to one. An answer that cannot be read
is a missing opinion, never a verdict."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from moderation.judging.second_reader.errors import NoOpinion
from moderation.judging.second_reader.protocol import Contract
from moderation.judging.second_reader.values import (
    Call,
    Connection,
    Form,
    Missing,
    RuleOpinion,
    RuleQuestion,
    Usage,
    missing,
)

MOST_DETAIL = 200  # characters of a server's own words


def read_answer(
    contract: Contract, connection: Connection, question: RuleQuestion, call: Call, status: int, body: bytes
) -> tuple[RuleOpinion, Usage]:
    try:
        form = _form(status, body)
    except NoOpinion as e:
        return e.opinion, Usage()
    usage = _usage(contract, form)
    if usage.model is not None and not is_same_model(connection.model, usage.model):
        return missing(Missing.OTHER_MODEL, f"asked for {connection.model}, answered by {usage.model}"), usage
    try:
        return contract.read(form, call, question), usage
    except NoOpinion as e:
        return e.opinion, usage
    except (LookupError, TypeError, ValueError, AttributeError) as e:  # a form that the contract does not know
        return missing(Missing.UNPARSABLE, f"{type(e).__name__} in the answer"), usage


def combined(opinions: Sequence[RuleOpinion]) -> RuleOpinion:
    """Of several, on a rule each: the surest that one is broken; or else the first that is missing; or else the
    nearest to being broken, which is not."""
    if not opinions:
        return missing(Missing.EMPTY, "there is no rule to ask about")
    broken = [opinion for opinion in opinions if opinion.breaks]
    absent = [opinion for opinion in opinions if opinion.missing is not None]
    if broken:
        return max(broken, key=lambda opinion: opinion.score or 0.0)
    return absent[0] if absent else max(opinions, key=lambda opinion: opinion.score or 0.0)


def is_same_model(asked: str, reported: str) -> bool:
    """Servers report a file's path, a tag or a dated version of the name that they were asked for: more words at its
    end or in front of it, but never another name."""
    asked_name, reported_name = _bare(asked), _bare(reported)
    return reported_name == asked_name or reported_name.startswith(
        (f"{asked_name}-20", f"{asked_name}:", f"{asked_name}@")
    )


def _bare(name: str) -> str:
    last = name.strip().replace("\\", "/").rsplit("/", 1)[-1].lower()
    return last.removesuffix(".gguf").removesuffix(":latest")


def _form(status: int, body: bytes) -> Form:
    """Raises NoOpinion."""
    if status != 200:
        raise NoOpinion(_meaning(status), f"status {status}: {_own_words(body)}".rstrip(": "))
    if not body.strip():
        raise NoOpinion(Missing.EMPTY)
    if body.lstrip().startswith(b"data:"):
        raise NoOpinion(Missing.UNPARSABLE, "the answer is a stream, which nobody asked for")
    try:
        form = json.loads(body)
    except (ValueError, RecursionError) as e:
        raise NoOpinion(Missing.UNPARSABLE, "the answer is not JSON") from e
    if not isinstance(form, Mapping):
        raise NoOpinion(Missing.UNPARSABLE, "the answer is not an object")
    return form


def _meaning(status: int) -> Missing:
    if status in (429, 503):
        return Missing.BUSY
    return Missing.FAILED if status >= 500 else Missing.NOT_ACCEPTED


def _own_words(body: bytes) -> str:
    """The message of an error, of whichever form."""
    try:
        form: Any = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    error = form.get("error", form.get("message", form.get("detail"))) if isinstance(form, Mapping) else None
    words = error.get("message") if isinstance(error, Mapping) else error
    return " ".join(words.split())[:MOST_DETAIL] if isinstance(words, str) else ""


def _usage(contract: Contract, form: Form) -> Usage:
    try:
        return contract.usage(form)
    except (LookupError, TypeError, ValueError, AttributeError):
        return Usage()
