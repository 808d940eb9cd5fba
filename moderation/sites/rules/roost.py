"""Policies in the two forms that ROOST's projects use. A policy becomes one rule: its words are for moderators, and
the examples that it labels become cases.

Its model community writes Markdown under headings such as *Definitions*, *Violates (1)* and *Safe (0)*; Coop, its
review tool, gives policies out as JSON with a name, the policy's text and guidelines for enforcement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moderation.ground.database.engine import new_id
from moderation.ground.errors import said
from moderation.sites.rules import forms
from moderation.sites.rules.values import CaseOrigin, HouseRule, Must, RuleCase
from moderation.sites.rules.writing import key_for

_SECTIONS = re.compile(
    r"(?:instructions?|goal|definitions?\b.*|policy definitions?|violates?\b.*|does not violate\b.*|safe\b.*"
    r"|(?:in)?valid content\b.*|allowed content\b.*|overview|interpretation of language|label format|criteria"
    r"|content classification rules)",
    re.IGNORECASE,
)
_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*\s*")
_BOLD_HEADING = re.compile(r"\*\*([^*]+?):?\*\*:?\s*")
_LABELLED = re.compile(r"\(?label:?\s*([01])\)?|\(([01])\)\s*$|=\s*([01])\b", re.IGNORECASE)
_HELD_WORDS = re.compile(r"(?:violat|invalid|unsafe|includes\b|disallowed|prohibited|toxic)", re.IGNORECASE)
_PASS_WORDS = re.compile(r"(?:safe\b|valid\b|allowed|excludes\b|does not violat|permitted|non-)", re.IGNORECASE)
_CONTENT = re.compile(r"(?:[-*]\s+)?(?:\*\*)?content(?::\*\*|\*\*:|:)\s*(.+)", re.IGNORECASE)
_ANSWER = re.compile(
    r"(?:[-*]\s+)?(?:\*\*)?(?:label|answer|output|expected response)(?::\*\*|\*\*:|:)\s*(\S+)(?!\s+or\b).*",
    re.IGNORECASE,
)
_ARROW = re.compile(r"[-*]\s+(.+?)\s*(?:->|→|=>)\s*(\S+)\s*")
_BULLET = re.compile(r"[-*]\s+(?:[^\"“”:]{0,80}(?::|–|-)\**\s*)?([\"“].+[\"”])\s*")
_QUOTED = re.compile(r"[\"“]([^\"“”]+)[\"”]")
_PLACEHOLDER = re.compile(r"\[[^\]]*\]")
_LABEL = re.compile(
    r"(?:[a-z-]*?(?P<digit>\d)(?:\.\w+)?|(?P<held>invalid|violat\w*|unsafe)|(?P<safe>valid|safe))", re.I
)
_NAMELESS = {"criteria", "policy", "policy name", "rules"}
_CODE = re.compile(r"\s*\(#[\w.-]+\)|^\([A-Z0-9.]+\)\s*")
_POLICY = ("name",), ("id", "parentId", "policyText", "enforcementGuidelines", "policyType", "penalty")


@dataclass(slots=True)
class _Examples:
    """The labelled examples, as far as they have been read."""

    verdict: Must | None = None  # of the section
    text: str | None = None  # waits for its label
    waiting: list[str] = field(default_factory=list)  # wait for the output of their section
    cases: dict[str, Must] = field(default_factory=dict)

    def read(self, line: str) -> None:
        if heading := _heading(line):
            self.verdict, self.text = _verdict_of(heading), None
            self.waiting.clear()
        elif arrow := _ARROW.fullmatch(line):
            self._keep(_quoted(arrow[1]), _label(arrow[2]))
        elif content := _CONTENT.fullmatch(line):
            self.text = _quoted(content[1])
            self._keep(self.text, self.verdict)
        elif answer := _ANSWER.fullmatch(line):
            self._answer(_label(answer[1]))
        elif bullet := _BULLET.fullmatch(line):
            text = _quoted(bullet[1])
            self._keep(text, self.verdict)
            if text is not None and self.verdict is None:
                self.waiting.append(text)

    def _answer(self, must: Must | None) -> None:
        """Of the last example, whatever its heading says, or else of all of the section."""
        if self.text is not None:
            self.cases.pop(self.text, None)
        for text in [self.text] if self.text is not None else self.waiting:
            self._keep(text, must)
        self.text = None
        self.waiting.clear()

    def _keep(self, text: str | None, must: Must | None) -> None:
        if text is not None and must is not None:
            self.cases.setdefault(text, must)


def is_policy(text: str) -> bool:
    """Whether a Markdown file has the headings of a policy."""
    return any(_SECTIONS.fullmatch(heading) for heading in map(_heading, text.splitlines()) if heading)


def from_policy(text: str, *, by: str, now: datetime) -> HouseRule:
    """A policy in Markdown. It has no sentence for readers. Raises InvalidInput."""
    lines = text.replace("\r\n", "\n").replace("\t", "    ").split("\n")
    name = next(_names(lines), "")
    if not name:
        raise forms.refused("line 1", said("must be the policy’s name, as in “# Harassment”"))
    examples = _Examples()
    for line in lines:
        examples.read(line.strip())
    cases = tuple(
        RuleCase(new_id(), text, must, now, by, origin=CaseOrigin.IMPORTED) for text, must in examples.cases.items()
    )
    return HouseRule(key_for(name), name, "", "\n".join(line.rstrip() for line in lines).strip(), None, cases)


def from_policies(form: Any) -> tuple[HouseRule, ...]:
    """Policies as Coop gives them out: a list, an object with such a list, or one alone. Raises InvalidInput."""
    is_list = isinstance(form, list) or "policies" in form
    given = form if isinstance(form, list) else forms.items(form, "policies", "policies") if is_list else [form]
    rules = list[HouseRule]()
    for place, policy in enumerate(given):
        where = f"policies.{place}" if is_list else "policy"
        known = forms.fields(policy, where, *_POLICY)
        name = " ".join(forms.text(known, "name", where).split())
        parts = (forms.text(known, part, where, "") for part in ("policyText", "enforcementGuidelines"))
        guidance = "\n\n".join(part.replace("\t", "    ") for part in parts if part)
        rules.append(HouseRule(key_for(name, [rule.key for rule in rules]), name, "", guidance))
    if not rules:
        raise forms.refused("policies", said("must have one policy at least"))
    return tuple(rules)


def _names(lines: list[str]) -> Iterator[str]:
    """The policy's own heading, or else that of its label where its heading says nothing."""
    headings = [heading for heading in map(_heading, map(str.strip, lines)) if heading]
    for heading in headings:
        name = _CODE.sub("", heading).strip()
        if name and name.lower() not in _NAMELESS and not _SECTIONS.fullmatch(name):
            yield name


def _heading(line: str) -> str | None:
    match = _HEADING.fullmatch(line.strip()) or _BOLD_HEADING.fullmatch(line.strip())
    if match is None:
        return None
    return (match[2] if match.re is _HEADING else match[1]).strip("* ")


def _verdict_of(heading: str) -> Must | None:
    if digits := {digit for labels in _LABELLED.findall(heading) for digit in labels if digit}:
        return Must.HELD if "1" in digits else Must.PASS
    if _PASS_WORDS.match(heading):
        return Must.PASS
    return Must.HELD if _HELD_WORDS.match(heading) else None


def _label(words: str) -> Must | None:
    """None of anything but one label."""
    label = _LABEL.fullmatch(words.strip("`*.,;()[] "))
    if label is None:
        return None
    return Must.PASS if label["safe"] or label["digit"] == "0" else Must.HELD


def _quoted(words: str) -> str | None:
    """The text if it is one, in quotation marks or without any, and no placeholder."""
    match = _QUOTED.fullmatch(words.strip(" *"))
    text = match[1].strip() if match else words.strip(" *")
    is_text = bool(text) and not re.search(r"[\"“”]", text) and not _PLACEHOLDER.fullmatch(text)
    return text if is_text else None
