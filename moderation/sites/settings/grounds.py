"""The ground of a reason for rejection: a house rule with its text, or a law with its provision. An author whose
comment is rejected reads it in the statement of reasons (Regulation (EU) 2022/2065, Article 17)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import ConfigDict

from moderation.ground.errors import Said, said
from moderation.ground.wording.sentences import everywhere
from moderation.judging.text.language_names import NAMES as LANGUAGES
from moderation.sites.settings.eu_terms import AGAINST_THE_RULES, CATEGORIES, CATEGORY, KEYWORD, KEYWORDS

MAX_PROVISION_CHARS = 500
MAX_TEXT_CHARS = 1_500
MAX_GROUND_LANGUAGES = 30
MAX_KEYWORDS = 10


class GroundKind(StrEnum):
    HOUSE_RULE = "house_rule"
    LAW = "law"


@dataclass(frozen=True, slots=True)
class Ground:
    """``texts``, by ISO 639 code, are the rule's own words; of a law, why such a comment is illegal."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    texts: Mapping[str, str] = field(default_factory=dict)
    kind: GroundKind = GroundKind.HOUSE_RULE
    provision: str | None = None  # of a law
    category: str = AGAINST_THE_RULES
    keywords: tuple[str, ...] = ()

    def text(self, language: str) -> str:
        """In the language, or else in English, or else in the language that the site wrote first."""
        return self.texts.get(language) or self.texts.get("en") or next(iter(self.texts.values()))


INSULT, HATE, THREAT, OFF_TOPIC, SPAM, OTHER = (
    *("Insult or abuse", "Hate or attack on a group", "Threat or call for violence"),
    *("Off topic", "Spam or advertising", "Other"),
)
SENTENCE_OF: Mapping[str, str] = {
    INSULT: "insult",
    HATE: "hate",
    THREAT: "threat",
    OFF_TOPIC: "off_topic",
    SPAM: "spam",
    OTHER: "other",
}
"""The end of the ids of its sentences, by the name of each reason that a new site has."""
_TERMS: Mapping[str, tuple[str, str]] = {
    INSULT: ("CYBER_VIOLENCE", "CYBER_BULLYING_INTIMIDATION"),
    HATE: ("ILLEGAL_OR_HARMFUL_SPEECH", "HATE_SPEECH"),
    THREAT: ("VIOLENCE", "INCITEMENT_VIOLENCE_HATRED"),
}
"""Category and keyword of the EU's database."""


def shipped(name: str, wording: Callable[[str], str]) -> Ground:
    """The house rule that comes with Gavel for a reason. That of a site's own reason names it in its ``wording`` in
    each language; without a reason, and for "Other", the rule is a general one."""
    if name in ("", OTHER):
        return Ground(everywhere("rule_general"))
    if name not in SENTENCE_OF:
        return Ground({code: text.format(name=wording(code)) for code, text in everywhere("rule_named").items()})
    texts = everywhere(f"rule_{SENTENCE_OF[name]}")
    if name not in _TERMS:
        return Ground(texts)
    category, keyword = _TERMS[name]
    return Ground(texts, category=f"{CATEGORY}{category}", keywords=(f"{KEYWORD}{keyword}",))


def problems(ground: Ground, reason: str) -> Iterator[Said]:
    """The faults in words that follow the name of a field."""
    about = reason[:50]
    if ground.kind is GroundKind.LAW and not ground.provision:
        yield said("must name the provision of the law, such as § 185 StGB (%(reason)s)", reason=about)
    if ground.kind is GroundKind.HOUSE_RULE and ground.provision is not None:
        yield said("must name no provision: it is a house rule (%(reason)s)", reason=about)
    if not _is_text(ground.provision or "-", MAX_PROVISION_CHARS):
        yield said("must name the provision in at most %(most)s characters", most=MAX_PROVISION_CHARS)
    if not 1 <= len(ground.texts) <= MAX_GROUND_LANGUAGES or not ground.texts.keys() <= LANGUAGES.keys():
        yield said("must have the rule or the explanation in one language at least (%(reason)s)", reason=about)
    if not all(_is_text(text, MAX_TEXT_CHARS) for text in ground.texts.values()):
        yield said("must have 1 to %(most)s characters of rule or explanation in each language", most=MAX_TEXT_CHARS)
    if ground.category not in CATEGORIES:
        yield said("must have a category of the EU's database (%(reason)s)", reason=about)
    if not set(ground.keywords) <= set(KEYWORDS) or len(ground.keywords) > MAX_KEYWORDS:
        yield said("must have at most %(most)s keywords, all of the EU's database", most=MAX_KEYWORDS)


def _is_text(text: str, most: int) -> bool:
    return 0 < len(text) <= most and text == text.strip() and text.replace("\n", " ").isprintable()
