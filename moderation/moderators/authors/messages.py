"""The message to an author about a measure: the site's template for the reason, or plain sentences, in the author's
language where both it and we have words for it. Gavel sends no mail: the message goes to the site with the event."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from moderation.ground.values.measures import Measure
from moderation.ground.wording.sentences import ENGLISH, LANGUAGES, Sentences, Speaker, spoken
from moderation.moderators.authors.measure_rows import Message
from moderation.sites.settings import rejection_reasons
from moderation.sites.settings.rejection_reasons import Details

_PLACEHOLDER = re.compile(r"\{(name|reason|measure|until)\}")


@dataclass(frozen=True, slots=True)
class About:
    """The facts that a message is made of."""

    measure: Measure
    until: datetime | None = None
    reason: str | None = None  # in a moderator's words
    rejection_reason: str | None = None  # one of the site's reasons
    name: str | None = None  # the author's


def compose(details: Details, about: About, language: str | None, *, speaker: Speaker = spoken) -> Message:
    """In the language, or else in English. ``speaker`` gives the site's sentences."""
    code = (language or "").lower().partition("-")[0]
    messages = rejection_reasons.details_of(details, about.rejection_reason or "").messages
    template = rejection_reasons.in_language(messages, language)
    if template is None and code not in LANGUAGES:
        code, template = ENGLISH, messages.get(ENGLISH)
    words = speaker(code)
    sentence = _sentence(about, words) if words.language == code else ""  # or only the site's template has words
    reason = _reason(details, about, code)
    if template is None:
        given = words.say("measure_reason", reason=reason) if reason else ""
        return Message(code, f"{sentence} {given}".strip())
    if "{measure}" not in template and sentence:
        template = f"{template} {{measure}}"
    values = {"name": about.name or "", "reason": reason, "measure": sentence, "until": in_words(about.until)}
    return Message(code, _PLACEHOLDER.sub(lambda match: values[match[1]], template).strip())


def restored(language: str | None, was: Measure | None, *, speaker: Speaker = spoken) -> Message | None:
    """The message for the end of a measure or for its undo; None where nothing was taken from the author."""
    if was in (Measure.TRUST, Measure.RESTORE):
        return None
    said = speaker(language)
    return Message(said.language, said["measure_warning_undone" if was is Measure.WARN else "measure_restored"])


def in_words(until: datetime | None) -> str:
    """One form for all languages. The event has the moment itself, for sites that write it as their readers do."""
    return f"{until:%Y-%m-%d %H:%M} UTC" if until else ""


def _sentence(about: About, words: Sentences) -> str:
    if about.measure is Measure.RESTORE:
        return words["measure_restored"]
    id = "measure_hold_until" if about.measure is Measure.HOLD and about.until else f"measure_{about.measure}"
    return words.say(id, until=in_words(about.until))


def _reason(details: Details, about: About, code: str) -> str:
    wording = rejection_reasons.wording(details, about.rejection_reason, code) if about.rejection_reason else None
    return ": ".join(filter(None, (wording, about.reason)))
