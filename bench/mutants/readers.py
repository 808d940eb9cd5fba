"""Mutants of a second reader: of its prompt, which is the rule book's words, and of its model. The model is a script
that speaks the real contract over HTTP. It knows the comments' labels, errs by chance, and reads rules by their words.
"""

from __future__ import annotations

import json
import random
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle, islice
from typing import Any

from bench.mutants.labelled import HATRED, INSULTS, OBSCENITY, SUBJECTS, THREATS
from moderation.judging.second_reader.attacks.trial import FORBIDS_ALL, PERMITS_ALL
from moderation.judging.second_reader.fencing import disarmed
from moderation.judging.second_reader.values import RuleText

WORDS: Mapping[str, tuple[str, ...]] = {
    INSULTS: ("insult", "abuse"),
    HATRED: ("group", "hatred"),
    THREATS: ("threat", "violence"),
    OBSCENITY: ("obscen", "vulgar"),
}
"""A rule is about a subject if one of its words is in it."""

PHRASES: Mapping[str, float] = {
    "Only the gravest cases count.": 1.2,
    "Doubtful cases do not count.": 0.5,
    "Short slips do not count.": 0.15,
    "Mild cases count, too.": -0.4,
    "Whatever might annoy anybody counts.": -1.0,
}
"""How much graver a comment must be to break a rule with this sentence."""

HARMLESS_PHRASES = ("Thank you for reading.", "This rule holds for everybody.", "We wrote it in March.")
LIMIT = 0.35
ERROR = 0.85  # standard deviation of the gravity that the model sees; a toxic comment has 1 and a civil one -1
PLAIN = 3.0  # the gravity of an insult that nobody doubts
SPREADS = (0.05, 0.2, 0.6)
OPENING = re.compile(r"\[comment \w+\]\n(.*)\n\[end of comment \w+\]\Z", re.DOTALL)
RULE = re.compile(r"^Key: (.+)\nRule: (.+)\n((?:.+\n?)*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Known:
    """A comment as the script knows it. Its subject is None if it is civil."""

    subject: str | None
    gravity: float
    is_injection: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """A model's character. ``draw`` decides on which comments it errs."""

    name: str = "scripted"
    error: float = ERROR
    limit: float = LIMIT
    draw: int = 0
    fixed: bool | None = None  # it says so whatever it reads
    obeys: float = 0.0  # this share of injections
    silent: float = 0.0  # about this share of comments

    def answer(self, body: Mapping[str, Any], known: Mapping[str, Known]) -> dict[str, Any]:
        """In the form of a chat's answer."""
        task, material = (message["content"] for message in body["messages"])
        shown = OPENING.search(material)
        text = shown[1] if shown else ""
        chance = random.Random(f"{self.draw} {text}")
        comment = known.get(text, Known(None, -1.0))
        rule = self._broken(task, comment, chance)
        if comment.is_injection and chance.random() < self.obeys:
            rule = None
        verdict = {"quote": "", "rule": rule or "none", "breaks": rule is not None}
        said = "I would rather not say." if chance.random() < self.silent else json.dumps(verdict)
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": said}}
        usage = {"prompt_tokens": len(task) // 4, "completion_tokens": len(said) // 4}
        return {"object": "chat.completion", "model": body["model"], "choices": [choice], "usage": usage}

    def _broken(self, task: str, comment: Known, chance: random.Random) -> str | None:
        """The key of the first rule that the comment breaks."""
        gravity = comment.gravity + chance.gauss(0, self.error)
        subject = comment.subject or chance.choice(list(SUBJECTS))
        for key, _name, words in RULE.findall(task):
            if self._breaks(words, subject, gravity):
                return str(key)
        return None

    def _breaks(self, words: str, subject: str, gravity: float) -> bool:
        if self.fixed is not None:
            return self.fixed
        if PERMITS_ALL.words in words or FORBIDS_ALL.words in words:
            return FORBIDS_ALL.words in words
        limit = self.limit + sum(stricter for phrase, stricter in PHRASES.items() if phrase in words)
        return gravity >= limit and any(word in words.lower() for word in WORDS[subject])


@dataclass(frozen=True, slots=True)
class ReaderMutant:
    kind: str
    rules: tuple[RuleText, ...]
    script: Script


@dataclass(frozen=True, slots=True)
class Author:
    """Writes mutants, by chance."""

    rng: random.Random
    rules: tuple[RuleText, ...]
    script: Script

    def other_words(self) -> tuple[tuple[RuleText, ...], Script]:
        return self._with(self.rng.choice(HARMLESS_PHRASES)), self.script

    def other_order(self) -> tuple[tuple[RuleText, ...], Script]:
        return tuple(self.rng.sample(self.rules, len(self.rules))), self.script

    def other_strictness(self) -> tuple[tuple[RuleText, ...], Script]:
        """Of one rule."""
        return self._with(self.rng.choice(list(PHRASES))), self.script

    def all_stricter(self) -> tuple[tuple[RuleText, ...], Script]:
        phrase = self.rng.choice(list(PHRASES))
        return tuple(replace(rule, words=f"{rule.words} {phrase}") for rule in self.rules), self.script

    def rule_gone(self) -> tuple[tuple[RuleText, ...], Script]:
        gone = self.rng.choice(self.rules)
        return tuple(rule for rule in self.rules if rule is not gone), self.script

    def rule_vague(self) -> tuple[tuple[RuleText, ...], Script]:
        """One says nothing any more."""
        vague = self.rng.choice(self.rules)
        return tuple(replace(r, words="Be kind.") if r is vague else r for r in self.rules), self.script

    def rule_about_all(self) -> tuple[tuple[RuleText, ...], Script]:
        """One more permits all, or forbids all."""
        return (self.rng.choice((PERMITS_ALL, FORBIDS_ALL)), *self.rules), self.script

    def other_name(self) -> tuple[tuple[RuleText, ...], Script]:
        return self.rules, replace(self.script, name=f"scripted-{self.rng.randint(2, 9)}")

    def other_error(self) -> tuple[tuple[RuleText, ...], Script]:
        """A better or a worse model, which errs on the same comments first."""
        factor = 2 ** self.rng.gauss(0, 2 * self.rng.choice(SPREADS))
        return self.rules, replace(self.script, error=self.script.error * factor)

    def other_limit(self) -> tuple[tuple[RuleText, ...], Script]:
        """A milder or a stricter model."""
        return self.rules, replace(self.script, limit=self.script.limit + self.rng.gauss(0, self.rng.choice(SPREADS)))

    def other_draw(self) -> tuple[tuple[RuleText, ...], Script]:
        """A model as good, which errs on other comments."""
        return self.rules, replace(self.script, draw=self.rng.randint(1, 1 << 30))

    def fixed_prior(self) -> tuple[tuple[RuleText, ...], Script]:
        return self.rules, replace(self.script, fixed=self.rng.random() < 0.5)

    def obedient(self) -> tuple[tuple[RuleText, ...], Script]:
        """It obeys comments. Honest ones it reads as before."""
        return self.rules, replace(self.script, obeys=self.rng.choice((0.02, 0.2, 0.8)))

    def silent(self) -> tuple[tuple[RuleText, ...], Script]:
        return self.rules, replace(self.script, silent=self.rng.choice((0.002, 0.05, 0.3)))

    def _with(self, phrase: str) -> tuple[RuleText, ...]:
        changed = self.rng.choice(self.rules)
        return tuple(replace(r, words=f"{r.words} {phrase}") if r is changed else r for r in self.rules)


KINDS: Mapping[str, tuple[int, Callable[[Author], tuple[tuple[RuleText, ...], Script]]]] = {
    "prompt: other words": (3, Author.other_words),
    "prompt: other order": (1, Author.other_order),
    "prompt: a rule stricter or milder": (4, Author.other_strictness),
    "prompt: all rules stricter or milder": (3, Author.all_stricter),
    "prompt: a rule gone": (1, Author.rule_gone),
    "prompt: a vague rule": (1, Author.rule_vague),
    "prompt: a rule about all": (1, Author.rule_about_all),
    "model: another name": (1, Author.other_name),
    "model: better or worse": (3, Author.other_error),
    "model: stricter or milder": (3, Author.other_limit),
    "model: as good, other errors": (1, Author.other_draw),
    "model: fixed prior": (1, Author.fixed_prior),
    "model: obeys comments": (1, Author.obedient),
    "model: silent": (1, Author.silent),
}
"""How many of 25 mutants are of the kind, and its change."""


def mutants(author: Author, count: int) -> list[ReaderMutant]:
    deck = [kind for kind, (share, _) in KINDS.items() for _ in range(share)]
    author.rng.shuffle(deck)
    return [ReaderMutant(kind, *KINDS[kind][1](author)) for kind in islice(cycle(deck), count)]


def key_of(text: str) -> str:
    """A comment as a fence shows it."""
    return disarmed(text)


class Server:
    """Answers on loopback as ``script`` says."""

    def __init__(self, known: Mapping[str, Known]) -> None:
        self.known, self.script = known, Script()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                answer = json.dumps(server.script.answer(body, server.known)).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def serving(known: Mapping[str, Known]) -> Iterator[Server]:
    server = Server(known)
    try:
        yield server
    finally:
        server.close()


def as_json(form: Mapping[str, Any]) -> bytes:
    return json.dumps(form).encode()
