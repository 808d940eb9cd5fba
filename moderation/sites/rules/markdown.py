"""The rule book as Markdown that people write, and as JSON for programs. The same Markdown is read again.

## Name of the rule {#its-key}
Reason: Insult or abuse
> The sentence for readers.
The paragraphs for moderators.
### Must be held
- Text of a comment; its further lines are indented.
  - Article: its title
  - Why: the reason that it is here
### Must pass
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moderation.ground.database.engine import new_id
from moderation.ground.errors import FieldProblem, InvalidInput, said
from moderation.sites.rules.values import CaseOrigin, HouseRule, Must, RuleBook, RuleCase
from moderation.sites.rules.writing import key_for

FORMAT = "gavel-rules-1"
MOST_CHARS = 2_000_000
HEADINGS = {Must.HELD: "### Must be held", Must.PASS: "### Must pass"}
_RULE = re.compile(r"## (.+?)(?:\s+\{#([^}]*)\})?\s*")
_SPECIAL = re.compile(r"(?=[\\#>]|Reason: )")  # at the beginning of a paragraph for moderators
_NESTED = re.compile(r"(?=[\\-])")  # at the beginning of a further line of a case


def to_markdown(book: RuleBook) -> str:
    lines = ["# Rules"]
    for rule in book.rules:
        lines += ["", f"## {rule.name} {{#{rule.key}}}", ""]
        lines += [f"Reason: {rule.reason}", ""] if rule.reason is not None else []
        lines += [f"> {rule.sentence}", ""]
        lines += [f"\\{line}" if _SPECIAL.match(line) else line for line in rule.guidance.split("\n")]
        for must, heading in HEADINGS.items():
            lines += ["", heading, ""]
            for case in rule.cases_that_must(must):
                lines += _case_lines(case)
    return "\n".join([*lines, ""])


def to_form(book: RuleBook) -> dict[str, Any]:
    """As JSON, with who added each case, when and from where."""
    rules = [
        {
            "key": rule.key,
            "name": rule.name,
            "sentence": rule.sentence,
            "guidance": rule.guidance,
            "reason": rule.reason,
            "cases": [_case_form(case) for case in rule.cases],
        }
        for rule in book.rules
    ]
    return {"format": FORMAT, "version": book.version, "digest": book.digest, "rules": rules}


def from_markdown(text: str, *, by: str, now: datetime) -> tuple[HouseRule, ...]:
    """Raises InvalidInput that names the line. ``by`` adds the cases, in words."""
    if len(text) > MOST_CHARS:
        raise InvalidInput(FieldProblem("file", said("must have at most %(most)s characters", most=MOST_CHARS)))
    drafts = list[_RuleDraft]()
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if heading := _RULE.fullmatch(line):
            key = heading[2] or key_for(heading[1], [draft.key for draft in drafts])
            drafts.append(_RuleDraft(key, heading[1]))
        elif drafts:
            drafts[-1].read(line, number)
        elif line.strip() and not line.startswith("# "):
            raise _refusal(number, said("must begin with a rule, as in “## No insults”"))
    if not drafts:
        raise InvalidInput(FieldProblem("file", said("has no rule, as in “## No insults”")))
    return tuple(draft.rule(by, now) for draft in drafts)


@dataclass(slots=True)
class _CaseDraft:
    must: Must
    lines: list[str]
    title: str = ""
    why: str = ""


@dataclass(slots=True)
class _RuleDraft:
    """A rule as far as it has been read."""

    key: str
    name: str
    reason: str | None = None
    sentence: list[str] = field(default_factory=list)
    guidance: list[str] = field(default_factory=list)
    must: Must | None = None
    cases: list[_CaseDraft] = field(default_factory=list)

    def read(self, line: str, number: int) -> None:
        """Raises InvalidInput."""
        heading = next((must for must, words in HEADINGS.items() if line.rstrip().lower() == words.lower()), None)
        if heading is not None:
            self.must = heading
        elif line.startswith("#"):
            raise _refusal(
                number, said("is no heading of a rule book: “## Name”, “### Must be held” or “### Must pass”")
            )
        elif self.must is not None:
            self._read_case(line, self.must, number)
        elif line.startswith("Reason: "):
            self.reason = line.removeprefix("Reason: ").strip()
        elif line.startswith(">"):
            self.sentence.append(line[1:].strip())
        else:
            self.guidance.append(line.removeprefix("\\"))

    def _read_case(self, line: str, must: Must, number: int) -> None:
        if line.startswith("- "):
            self.cases.append(_CaseDraft(must, [line[2:]]))
        elif line.strip() and not (line.startswith("  ") and self.cases):
            raise _refusal(number, said("is no case: begin it with “- ”, and indent its further lines by two spaces"))
        elif self.cases and line.startswith("  - Article: "):
            self.cases[-1].title = line.removeprefix("  - Article: ").strip()
        elif self.cases and line.startswith("  - Why: "):
            self.cases[-1].why = line.removeprefix("  - Why: ").strip()
        elif self.cases:
            self.cases[-1].lines.append(line[2:].removeprefix("\\"))

    def rule(self, by: str, now: datetime) -> HouseRule:
        cases = tuple(
            RuleCase(
                id=new_id(),
                text="\n".join(case.lines).strip(),
                must=case.must,
                added_at=now,
                added_by=by,
                title=case.title,
                origin=CaseOrigin.IMPORTED,
                why=case.why,
            )
            for case in self.cases
        )
        sentence, guidance = " ".join(self.sentence), "\n".join(self.guidance).strip()
        return HouseRule(self.key, self.name, sentence, guidance, self.reason, cases)


def _refusal(number: int, message: str) -> InvalidInput:
    return InvalidInput(FieldProblem(f"line {number}", message))


def _case_lines(case: RuleCase) -> Iterator[str]:
    first, *rest = case.text.split("\n")
    yield f"- {first}"
    for line in rest:
        yield f"  \\{line}" if _NESTED.match(line) else f"  {line}".rstrip()
    yield from (f"  - {name}: {value}" for name, value in (("Article", case.title), ("Why", case.why)) if value)


def _case_form(case: RuleCase) -> dict[str, Any]:
    return {
        "must": case.must,
        "text": case.text,
        "title": case.title,
        "why": case.why,
        "origin": case.origin,
        "added_by": case.added_by,
        "added_at": case.added_at.isoformat(),
    }
