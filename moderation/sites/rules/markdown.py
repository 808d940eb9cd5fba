"""The rule book as Markdown that people write. The same Markdown is read again.

## Name of the rule {#its-key}
Reason: Insult or abuse
> The sentence for readers.
The paragraphs for moderators.
### Must be held
- Text of a comment; its further lines are indented.
  - Article: its title
  - Why: the reason that it is here
  - From: comment, 2026-03-01T12:00:00+00:00, who added it
### Must pass
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from moderation.ground.database.engine import new_id
from moderation.ground.errors import FieldProblem, InvalidInput, said
from moderation.sites.rules.values import CaseOrigin, HouseRule, Must, RuleBook, RuleCase
from moderation.sites.rules.writing import key_for

HEADINGS = {Must.HELD: "### Must be held", Must.PASS: "### Must pass"}
_RULE = re.compile(r"## (.+?)(?:\s+\{#([^}]*)\})?\s*")
_KEYED = re.compile(r"## .+\{#[^}]*\}\s*")
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


def is_book(text: str) -> bool:
    """Whether a Markdown file has a heading for cases, or a rule with its key."""
    lines = text.splitlines()
    headings = {words.lower() for words in HEADINGS.values()}
    return any(line.strip().lower() in headings or _KEYED.fullmatch(line) for line in lines)


def from_markdown(text: str, *, by: str, now: datetime) -> tuple[HouseRule, ...]:
    """Raises InvalidInput that names the line. ``by`` adds the cases of which it does not say where they are from."""
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
    source: tuple[CaseOrigin, datetime, str] | None = None


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
        elif self.cases and line.startswith("  - From: "):
            self.cases[-1].source = _source(line.removeprefix("  - From: "), number)
        elif self.cases:
            self.cases[-1].lines.append(line[2:].removeprefix("\\"))

    def rule(self, by: str, now: datetime) -> HouseRule:
        cases = tuple(_case(case, by, now) for case in self.cases)
        sentence, guidance = " ".join(self.sentence), "\n".join(self.guidance).strip()
        return HouseRule(self.key, self.name, sentence, guidance, self.reason, cases)


def _case(draft: _CaseDraft, by: str, now: datetime) -> RuleCase:
    origin, added_at, added_by = draft.source or (CaseOrigin.IMPORTED, now, by)
    return RuleCase(
        id=new_id(),
        text="\n".join(draft.lines).strip(),
        must=draft.must,
        added_at=added_at,
        added_by=added_by,
        title=draft.title,
        origin=origin,
        why=draft.why,
    )


def _source(words: str, number: int) -> tuple[CaseOrigin, datetime, str]:
    """Raises InvalidInput."""
    origin, _, rest = words.partition(", ")
    moment, _, added_by = rest.partition(", ")
    try:
        source = CaseOrigin(origin.strip()), datetime.fromisoformat(moment), added_by.strip()
    except ValueError:
        source = None
    if source is None or source[1].tzinfo is None:
        message = said("must say where the case is from: “From: comment, 2026-03-01T12:00:00+00:00, Ana”")
        raise _refusal(number, message)
    return source


def _refusal(number: int, message: str) -> InvalidInput:
    return InvalidInput(FieldProblem(f"line {number}", message))


def _case_lines(case: RuleCase) -> Iterator[str]:
    first, *rest = case.text.split("\n")
    yield f"- {first}"
    for line in rest:
        yield f"  \\{line}" if _NESTED.match(line) else f"  {line}".rstrip()
    yield from (f"  - {name}: {value}" for name, value in (("Article", case.title), ("Why", case.why)) if value)
    yield f"  - From: {case.origin}, {case.added_at.isoformat()}, {case.added_by}"
