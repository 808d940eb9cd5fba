"""Every contract offers this: how it asks, and how it reads an answer."""

from __future__ import annotations

from typing import Protocol

from moderation.judging.second_reader.fencing import Fence
from moderation.judging.second_reader.values import Call, Connection, Form, RuleOpinion, RuleQuestion, Usage


class Contract(Protocol):
    """``asks_each_rule`` says whether there is one call a rule instead of one a book, and ``reads_rules`` whether it
    reads by the rule book at all: the others have categories of their own."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def asks_each_rule(self) -> bool: ...

    @property
    def reads_rules(self) -> bool: ...

    def calls(self, question: RuleQuestion, connection: Connection, fence: Fence) -> tuple[Call, ...]: ...

    def read(self, answer: Form, call: Call, question: RuleQuestion, /) -> RuleOpinion:
        """The answer to the call, with status 200. Raises NoOpinion."""

    def usage(self, answer: Form) -> Usage: ...
