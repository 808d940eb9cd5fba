"""The ground of a reason for rejection: a house rule with its text, or a law with its provision. An author whose
comment is rejected reads it in the statement of reasons (Regulation (EU) 2022/2065, Article 17)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from moderation.errors import Said, said
from moderation.sites.settings.eu_terms import AGAINST_THE_RULES, CATEGORIES, CATEGORY, KEYWORD, KEYWORDS
from moderation.text.language_names import NAMES as LANGUAGES

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

    texts: Mapping[str, str] = field(default_factory=dict)
    kind: GroundKind = GroundKind.HOUSE_RULE
    provision: str | None = None  # of a law
    category: str = AGAINST_THE_RULES
    keywords: tuple[str, ...] = ()

    def text(self, language: str) -> str:
        """In the language, or else in English, or else in the language that the site wrote first."""
        return self.texts.get(language) or self.texts.get("en") or next(iter(self.texts.values()))


UNNAMED = Ground(
    {
        "en": "Comments must keep to our rules for discussions.",
        "de": "Kommentare müssen sich an unsere Regeln für Diskussionen halten.",
        "fr": "Les commentaires doivent respecter nos règles de discussion.",
        "es": "Los comentarios deben respetar nuestras normas de debate.",
    }
)
"""Of a rejection for no reason that the site has described."""

SHIPPED: Mapping[str, Ground] = {
    "Insult or abuse": Ground(
        {
            "en": "Criticise what somebody says or does. Insults and abuse are not published.",
            "de": "Kritisieren Sie, was jemand sagt oder tut. Beleidigungen und Beschimpfungen erscheinen nicht.",
            "fr": "Critiquez les propos ou les actes. Les insultes et les propos abusifs ne sont pas publiés.",
            "es": "Critique lo que alguien dice o hace. No se publican insultos ni ofensas.",
        },
        category=f"{CATEGORY}CYBER_VIOLENCE",
        keywords=(f"{KEYWORD}CYBER_BULLYING_INTIMIDATION",),
    ),
    "Hate or attack on a group": Ground(
        {
            "en": "Nobody may be attacked or degraded for their origin, skin colour, religion, sex, gender, sexual "
            "orientation, age or disability.",
            "de": "Niemand darf wegen Herkunft, Hautfarbe, Religion, Geschlecht, sexueller Orientierung, Alter oder "
            "Behinderung angegriffen oder herabgewürdigt werden.",
            "fr": "Nul ne peut être attaqué ou rabaissé en raison de son origine, de sa couleur de peau, de sa "
            "religion, de son sexe, de son genre, de son orientation sexuelle, de son âge ou d’un handicap.",
            "es": "Nadie puede ser atacado ni degradado por su origen, color de piel, religión, sexo, género, "
            "orientación sexual, edad o discapacidad.",
        },
        category=f"{CATEGORY}ILLEGAL_OR_HARMFUL_SPEECH",
        keywords=(f"{KEYWORD}HATE_SPEECH",),
    ),
    "Threat or call for violence": Ground(
        {
            "en": "Threats, calls for violence and the praise of violence are not published.",
            "de": "Drohungen, Aufrufe zur Gewalt und das Gutheißen von Gewalt erscheinen nicht.",
            "fr": "Les menaces, les appels à la violence et l’apologie de la violence ne sont pas publiés.",
            "es": "No se publican amenazas, llamadas a la violencia ni elogios de la violencia.",
        },
        category=f"{CATEGORY}VIOLENCE",
        keywords=(f"{KEYWORD}INCITEMENT_VIOLENCE_HATRED",),
    ),
    "Off topic": Ground(
        {
            "en": "Comments must be about the article, or answer a comment that is.",
            "de": "Kommentare müssen vom Artikel handeln oder auf einen Kommentar antworten, der es tut.",
            "fr": "Les commentaires doivent porter sur l’article ou répondre à un commentaire qui porte dessus.",
            "es": "Los comentarios deben tratar del artículo o responder a un comentario que trate de él.",
        }
    ),
    "Spam or advertising": Ground(
        {
            "en": "Advertising, repeated texts and links that serve a sale are not published.",
            "de": "Werbung, wiederholte Texte und Links, die dem Verkauf dienen, erscheinen nicht.",
            "fr": "La publicité, les textes répétés et les liens commerciaux ne sont pas publiés.",
            "es": "No se publican anuncios, textos repetidos ni enlaces comerciales.",
        }
    ),
    "Other": UNNAMED,
}
"""By the name of the reasons that a new site has."""


def problems(ground: Ground, reason: str) -> Iterator[Said]:
    """In words that follow the name of a field."""
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


def from_json(stored: Mapping[str, Any]) -> Ground:
    """Raises TypeError, ValueError and AttributeError for another form."""
    texts, words = dict(stored.get("texts", {})), tuple(stored.get("keywords", ()))
    provision, category = stored.get("provision"), stored.get("category", AGAINST_THE_RULES)
    strings = [*texts.values(), *words, category, provision or ""]
    if stored.keys() - _FIELDS or not all(isinstance(text, str) for text in strings):
        raise ValueError(f"a ground has {', '.join(_FIELDS)}")
    return Ground(texts, GroundKind(stored.get("kind", GroundKind.HOUSE_RULE)), provision, category, words)


def to_json(ground: Ground) -> dict[str, Any]:
    """The form in settings and events."""
    return {
        "kind": ground.kind.value,
        "provision": ground.provision,
        "texts": dict(ground.texts),
        "category": ground.category,
        "keywords": list(ground.keywords),
    }


_FIELDS = tuple(to_json(UNNAMED))


def _is_text(text: str, most: int) -> bool:
    return 0 < len(text) <= most and text == text.strip() and text.replace("\n", " ").isprintable()
