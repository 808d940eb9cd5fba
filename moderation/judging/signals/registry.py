"""The one list of all signals. A signal is its spec, in a file beside this one, and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from moderation.ground.values.signals import Signal
from moderation.judging.signals import model_signals
from moderation.judging.signals.authors.author_age import AUTHOR_AGE
from moderation.judging.signals.authors.author_disposable import AUTHOR_DISPOSABLE
from moderation.judging.signals.authors.author_profile import AUTHOR_PROFILE
from moderation.judging.signals.authors.author_published import AUTHOR_PUBLISHED
from moderation.judging.signals.authors.author_rejections import REJECTION_RATE
from moderation.judging.signals.authors.burst import BURST
from moderation.judging.signals.authors.typing_speed import TYPING_SPEED
from moderation.judging.signals.campaign import CAMPAIGN
from moderation.judging.signals.house import HOUSE
from moderation.judging.signals.repeat import REPEAT
from moderation.judging.signals.reports import REPORTS
from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.signals.spec import SignalSpec
from moderation.judging.signals.texts.contacts import CONTACTS
from moderation.judging.signals.texts.emoji_share import EMOJI
from moderation.judging.signals.texts.links import LINKS
from moderation.judging.signals.texts.links_blocked import LINKS_BLOCKED
from moderation.judging.signals.texts.links_new import LINKS_NEW
from moderation.judging.signals.texts.private_data import PRIVATE_DATA
from moderation.judging.signals.texts.remarks import META
from moderation.judging.signals.texts.shipped_words import OBSCENE_WORDS, SLURS
from moderation.judging.signals.texts.shouting import SHOUTING
from moderation.judging.signals.texts.words import BANNED, SUSPECT

_SPECS: tuple[SignalSpec, ...] = (
    model_signals.TOXICITY,
    model_signals.SEVERE_TOXICITY,
    model_signals.OBSCENE,
    model_signals.THREAT,
    model_signals.INSULT,
    model_signals.IDENTITY_ATTACK,
    model_signals.SEXUAL_EXPLICIT,
    model_signals.RELEVANCE,
    model_signals.SPAM,
    HOUSE,
    LINKS,
    LINKS_BLOCKED,
    LINKS_NEW,
    CONTACTS,
    PRIVATE_DATA,
    BANNED,
    SUSPECT,
    SLURS,
    OBSCENE_WORDS,
    META,
    SHOUTING,
    EMOJI,
    REPEAT,
    BURST,
    TYPING_SPEED,
    CAMPAIGN,
    REJECTION_RATE,
    AUTHOR_PUBLISHED,
    AUTHOR_AGE,
    AUTHOR_DISPOSABLE,
    AUTHOR_PROFILE,
    REPORTS,
    model_signals.LANGUAGE_SUPPORTED,
)

SIGNALS: Mapping[str, SignalSpec] = MappingProxyType({spec.name: spec for spec in _SPECS})
"""By name, in the order in which people see them."""

FOR_RULES: Mapping[str, SignalSpec] = MappingProxyType({spec.name: spec for spec in _SPECS if spec.allows_rules})
"""The signals that a policy may have rules on."""

_WITHOUT_MODEL = tuple(spec for spec in _SPECS if spec.measure is not None)


def cheap_signals(comment: CommentToScore) -> tuple[Signal, ...]:
    """Every signal that needs no model, in the order of ``SIGNALS``. Evidence points into the comment's text.

    Raises TooCostly if the comment's time is used up.
    """
    return tuple([spec.signal_of(comment) for spec in comment.budget.over(_WITHOUT_MODEL, stride=4)])
