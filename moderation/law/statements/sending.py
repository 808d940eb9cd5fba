"""Sends a site's statements to the address of a transparency database, in batches, with a bearer token.

A file keeps what the address took, so that the same command goes on after a break. A batch that was taken before its
line was written is no harm: the address names the statements that it has, by their ``puid``.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from moderation.ground.database.engine import Database
from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.ground.webhooks.sending import NotSent, Sender, WebhookAnswer
from moderation.judging.text.contacts.address_form import url_problems
from moderation.law.statements import exporting
from moderation.law.statements.exporting import ExportedTotals

ATTEMPTS = 8
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
DEADLINE_S = 60.0
MAX_ANSWER_BYTES = 1_000_000
MOST_NAMED = 5  # of the problems that an answer has
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class ToAddress:
    """Where statements go, and the token that the database gave the site."""

    url: str
    token: str = field(repr=False)
    pause: Callable[[float], None] = time.sleep

    def check(self) -> None:
        """Raises InvalidInput. A token goes over no line that others can read."""
        parts = urlsplit(self.url)
        said = list(url_problems(self.url))
        if not said and parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            said = ["must begin with https://"]
        problems = [FieldProblem("to_address", problem) for problem in said]
        if not self.token or not self.token.isascii() or not self.token.isprintable() or " " in self.token:
            problems.append(FieldProblem("token_file", "must hold one token, on one line"))
        if problems:
            raise InvalidInput(*problems)


def send(db: Database, site_id: str, first: date, last: date, file: Path, to: ToAddress) -> ExportedTotals:
    """Sends the statements of these days that the file lacks. Raises InvalidInput for one that the address refuses,
    which names its fields, and when the address does not take them after several attempts."""
    to.check()
    known = exporting.complete(file)
    new = 0
    with file.open("a", encoding="utf-8") as out:
        for batch in exporting.batches(db, site_id, first, last, known=known):
            for taken in _taken(to, batch["statements"]):
                exporting.write(out, taken)
                new += len(taken)
    return ExportedTotals(new, len(known))


def _taken(to: ToAddress, statements: Sequence[Mapping[str, Any]]) -> Iterator[Sequence[Mapping[str, Any]]]:
    """The statements that the address took now or had already."""
    answer = _answered(to, statements)
    there = _existing(answer)
    if answer.status == 422 and there:
        before = [statement for statement in statements if statement["puid"] in there]
        others = [statement for statement in statements if statement["puid"] not in there]
        if before:
            yield before
            if others:
                yield from _taken(to, others)
            return
    if answer.problem is not None:
        raise InvalidInput(*_refusal(answer, statements))
    yield statements


def _answered(to: ToAddress, statements: Sequence[Mapping[str, Any]]) -> WebhookAnswer:
    """The answer to one call, sent again while the address is away or asks to be left alone."""
    body = json.dumps({"statements": statements}, ensure_ascii=False).encode()
    headers = {"authorization": f"Bearer {to.token}", "accept": "application/json"}
    sender = Sender(DEADLINE_S, allow_private=True)  # the operator names the address
    said = ""
    for attempt in range(ATTEMPTS):
        if attempt:
            to.pause(min(FIRST_PAUSE_S * 2 ** (attempt - 1), LONGEST_PAUSE_S))
        try:
            answer = sender.post(to.url, body, headers, reads=MAX_ANSWER_BYTES)
        except NotSent as e:
            said = str(e)
            continue
        if answer.status != 429 and answer.status < 500:
            return answer
        said = f"it answered {answer.status}"
    raise InvalidInput(FieldProblem("to_address", f"took nothing in {ATTEMPTS} attempts: {said}. Run the same again"))


def _existing(answer: WebhookAnswer) -> frozenset[str]:
    """The puids that the address has already."""
    puids = _errors(answer).get("existing_puids")
    return frozenset(map(str, puids)) if isinstance(puids, list) else frozenset()


def _refusal(answer: WebhookAnswer, statements: Sequence[Mapping[str, Any]]) -> list[FieldProblem]:
    """By field of a statement, as far as the answer names any; else by the answer's status."""
    problems = []
    for place, fields in _errors(answer).items():
        number = place.removeprefix("statement_")
        is_place = place.startswith("statement_") and number.isdigit() and int(number) < len(statements)
        named = fields if is_place and isinstance(fields, dict) else {place: fields}
        puid = f"statement {statements[int(number)]['puid']}: " if is_place else ""
        problems += [FieldProblem(name, f"{puid}{_first(said)}") for name, said in named.items()]
    status = FieldProblem("to_address", f"refused the statements: it answered {answer.status}")
    return problems[:MOST_NAMED] or [status]


def _errors(answer: WebhookAnswer) -> Mapping[str, Any]:
    try:
        body = json.loads(answer.body)
    except ValueError:
        return {}
    errors = body.get("errors") if isinstance(body, dict) else None
    return errors if isinstance(errors, dict) else {}


def _first(said: object) -> str:
    first = said[0] if isinstance(said, list) and said else said
    return str(first)[:300]
