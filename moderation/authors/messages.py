"""The message to an author about a measure: the site's template for the reason, or plain sentences, in the author's
language where both it and we have words for it. Gavel sends no mail: the message goes to the site with the event."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from moderation.authors.measure_rows import Message
from moderation.sites.settings import rejection_reasons
from moderation.sites.settings.rejection_reasons import Details
from moderation.values.measures import Measure

FALLBACK = "en"
_PLACEHOLDER = re.compile(r"\{(name|reason|measure|until)\}")


@dataclass(frozen=True, slots=True)
class Sentences:
    """Each measure in one language; those with ``{until}`` have a form for a mark without an end."""

    warn: str
    hold: str
    hold_until: str
    suspend: str
    ban: str
    trust: str
    restored: str
    warning_undone: str
    reason: str


SENTENCES: Mapping[str, Sentences] = {
    "en": Sentences(
        warn="This is a warning from our moderators.",
        hold="A moderator reads each of your comments before it is published.",
        hold_until="Until {until}, a moderator reads each of your comments before it is published.",
        suspend="You cannot comment until {until}.",
        ban="You can no longer comment here.",
        trust="Our moderators trust your comments.",
        restored="You can comment as before.",
        warning_undone="Our moderators have withdrawn the warning.",
        reason="Reason: {reason}",
    ),
    "de": Sentences(
        warn="Dies ist eine Verwarnung unserer Moderation.",
        hold="Die Moderation liest jeden Ihrer Kommentare, bevor er erscheint.",
        hold_until="Bis {until} liest die Moderation jeden Ihrer Kommentare, bevor er erscheint.",
        suspend="Sie können bis {until} nicht kommentieren.",
        ban="Sie können hier nicht mehr kommentieren.",
        trust="Unsere Moderation vertraut Ihren Kommentaren.",
        restored="Sie können wieder wie gewohnt kommentieren.",
        warning_undone="Unsere Moderation hat die Verwarnung zurückgenommen.",
        reason="Grund: {reason}",
    ),
    "fr": Sentences(
        warn="Ceci est un avertissement de nos modérateurs.",
        hold="Un modérateur lit chacun de vos commentaires avant sa publication.",
        hold_until="Jusqu’au {until}, un modérateur lit chacun de vos commentaires avant sa publication.",
        suspend="Vous ne pouvez pas commenter jusqu’au {until}.",
        ban="Vous ne pouvez plus commenter ici.",
        trust="Nos modérateurs font confiance à vos commentaires.",
        restored="Vous pouvez de nouveau commenter comme avant.",
        warning_undone="Nos modérateurs ont retiré l’avertissement.",
        reason="Motif : {reason}",
    ),
    "es": Sentences(
        warn="Esta es una advertencia de nuestros moderadores.",
        hold="Un moderador lee cada comentario suyo antes de publicarlo.",
        hold_until="Hasta el {until}, un moderador lee cada comentario suyo antes de publicarlo.",
        suspend="No puede comentar hasta el {until}.",
        ban="Ya no puede comentar aquí.",
        trust="Nuestros moderadores confían en sus comentarios.",
        restored="Puede volver a comentar como antes.",
        warning_undone="Nuestros moderadores han retirado la advertencia.",
        reason="Motivo: {reason}",
    ),
}


@dataclass(frozen=True, slots=True)
class About:
    """The facts that a message is made of."""

    measure: Measure
    until: datetime | None = None
    reason: str | None = None  # in a moderator's words
    rejection_reason: str | None = None  # one of the site's reasons
    name: str | None = None  # the author's


def compose(details: Details, about: About, language: str | None) -> Message:
    """In the language, or else in English."""
    code = (language or "").lower().partition("-")[0]
    messages = rejection_reasons.details_of(details, about.rejection_reason or "").messages
    template = rejection_reasons.in_language(messages, language)
    if template is None and code not in SENTENCES:
        code, template = FALLBACK, messages.get(FALLBACK)
    sentence = _sentence(about, code)
    reason = _reason(details, about, code)
    if template is None:
        given = SENTENCES[code].reason.format(reason=reason) if reason else ""
        return Message(code, f"{sentence} {given}".strip())
    if "{measure}" not in template and sentence:
        template = f"{template} {{measure}}"
    values = {"name": about.name or "", "reason": reason, "measure": sentence, "until": in_words(about.until)}
    return Message(code, _PLACEHOLDER.sub(lambda found: values[found[1]], template).strip())


def restored(language: str | None, was: Measure | None) -> Message | None:
    """For the end of a measure or for its undo; None where nothing was taken from the author."""
    if was in (Measure.TRUST, Measure.RESTORE):
        return None
    code = (language or "").lower().partition("-")[0]
    code = code if code in SENTENCES else FALLBACK
    said = SENTENCES[code]
    return Message(code, said.warning_undone if was is Measure.WARN else said.restored)


def in_words(until: datetime | None) -> str:
    """One form for all languages. The event has the moment itself, for sites that write it as their readers do."""
    return f"{until:%Y-%m-%d %H:%M} UTC" if until else ""


def _sentence(about: About, code: str) -> str:
    """Empty in a language for which only the site has words."""
    if code not in SENTENCES:
        return ""
    said = SENTENCES[code]
    if about.measure is Measure.RESTORE:
        return said.restored
    if about.measure is Measure.HOLD and about.until:
        return said.hold_until.format(until=in_words(about.until))
    return str(getattr(said, about.measure)).format(until=in_words(about.until))


def _reason(details: Details, about: About, code: str) -> str:
    wording = rejection_reasons.wording(details, about.rejection_reason, code) if about.rejection_reason else None
    return ": ".join(filter(None, (wording, about.reason)))
