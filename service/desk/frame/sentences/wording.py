"""The desk's words for what the core names by code: why a comment is flagged, what a decision did, who made it."""

from __future__ import annotations

from collections.abc import Iterable

from babel.lists import format_list

from moderation.ground.values.decisions import Decision
from moderation.ground.values.modes import ModeName
from moderation.ground.values.verdicts import ReasonCode
from moderation.judging.policy.verdicts import LANGUAGE_SIGNAL
from moderation.judging.signals.registry import SIGNALS
from moderation.judging.signals.spec import SignalSpec
from moderation.judging.text.language_names import UNDETERMINED, language_name
from moderation.law.notices.values import NoticeState
from moderation.sites import rows as sites
from moderation.sites.settings import rejection_reasons
from moderation.sites.settings.rejection_reasons import Details
from moderation.sites.settings.values import SiteSettings
from service import cached
from service.context import gavel
from service.desk.frame.sentences.numbers import figures
from service.languages import choice
from service.languages.catalogues import ENGLISH
from service.languages.wording import N_, gettext, ngettext, ngettext_noop

DETAILS_S = 30.0  # the wordings of a site's reasons may be so old

NOTICE_STATES = {
    NoticeState.OPEN: N_("undecided"),
    NoticeState.UPHELD: N_("upheld"),
    NoticeState.DISMISSED: N_("dismissed"),
    NoticeState.WITHDRAWN: N_("comment withdrawn"),
}
REASON_TITLES = {
    ReasonCode.COMBINED: N_("Several signals together"),
    ReasonCode.MISSING: N_("Score missing"),
    ReasonCode.LANGUAGE: N_("No reliable scores in this language"),
    ReasonCode.DISAGREEMENT: N_("Rules disagree"),
    ReasonCode.PREMODERATED: N_("Article is premoderated"),
    ReasonCode.AUTHOR_HOLD: N_("Author is on hold"),
    ReasonCode.AUTHOR_TRUSTED: N_("Author is trusted"),
    ReasonCode.SCORING_FAILED: N_("Could not be scored"),
    ReasonCode.TOO_COSTLY: N_("Too slow to score"),
    ReasonCode.SCORING_LATE: N_("Decided without scores"),
    ReasonCode.RESCORED: N_("Newer scores disagree"),
    ReasonCode.REPORTED: N_("Reported by readers"),
    ReasonCode.SECOND_READER: N_("Second reader"),
    ReasonCode.NOTICED: N_("Notice of illegal content"),
    ReasonCode.MODE: N_("Breaking news"),
    ReasonCode.CAMPAIGN: N_("Copy from a campaign"),
    ReasonCode.DEFAULT: N_("Flagged by default"),
}

MODE_NAMES = {
    ModeName.EVERYTHING_WAITS: N_("Everything waits"),
    ModeName.REGULARS_ONLY: N_("Regulars only"),
    ModeName.SLOW: N_("Slow"),
    ModeName.CLOSED: N_("Closed"),
}

READY_LABELS = frozenset({
    N_("One of a new author's first three comments"), N_("A newcomer's link"),
    N_("A newcomer's link that may be spam"), N_("A newcomer's contact"),
})  # fmt: skip
"""The words that rules come with; those that a site writes itself are in its own language."""

ACTION_WORDS = {
    ("flagged", "published"): N_("Approved"),
    ("flagged", "rejected"): N_("Rejected"),
    ("flagged", "flagged"): N_("Escalated"),
    ("published", "rejected"): N_("Took down"),
    ("published", "published"): N_("Left online"),
    ("rejected", "rejected"): N_("Left rejected"),
    ("rejected", "published"): N_("Put back up"),
    ("published", "flagged"): N_("Sent to review"),
    ("rejected", "flagged"): N_("Sent to review"),
    ("waiting", "published"): N_("Published"),
    ("waiting", "flagged"): N_("Flagged"),
    ("waiting", "rejected"): N_("Rejected"),
}

FEATURED_WORDS = {True: N_("Featured"), False: N_("No longer featured")}


STATUSES = {
    "waiting": N_("waiting"),
    "published": N_("published"),
    "flagged": N_("flagged"),
    "rejected": N_("rejected"),
    "withdrawn": N_("withdrawn"),
}
BATCHES = {
    "published": ngettext_noop("Approved %(count)s comment", "Approved %(count)s comments"),
    "rejected": ngettext_noop("Rejected %(count)s comment", "Rejected %(count)s comments"),
}
NEW_STATUSES = {"withdrawn": N_("Withdrawn"), "waiting": N_("Sent to be scored")}
"""The words for decisions that are none of ``ACTION_WORDS``."""
ROLES = {"moderator": N_("moderator"), "lead": N_("lead"), "admin": N_("admin")}
SPEAKS_LOW = frozenset({"en"})
"""The languages in which a title becomes part of a sentence by a small letter; others put it in quotation marks."""


def reason_title(name: str | None) -> str:
    """The title of a first reason: a signal, a reason that is no signal, or a rule on several by its words."""
    if name is None:
        return gettext("Sent back")
    if name == LANGUAGE_SIGNAL:
        return gettext(REASON_TITLES[ReasonCode.LANGUAGE])
    if name in SIGNALS:
        return gettext(SIGNALS[name].title)
    return gettext(REASON_TITLES.get(ReasonCode(name), name)) if name in set(ReasonCode) else rule_label(name)


def rule_label(label: str) -> str:
    """A rule's words, translated if it came with them."""
    return gettext(label) if label in READY_LABELS else label


def reason_wording(settings: SiteSettings, name: str) -> str:
    """A reason for rejection in the language of the page, where the site has words for it."""
    return rejection_reasons.wording(settings.reason_details, name, choice.current().formats.language)


def reasons_in_words(settings: SiteSettings, names: Iterable[str]) -> dict[str, str]:
    """The wordings by the reasons' names, in the order of the names."""
    return {name: reason_wording(settings, name) for name in names}


def reason_in_words(decision: Decision) -> str | None:
    """A decision's reason for a rejection, in the language of the page."""
    return reason_of(decision.site_id, decision.reason) if decision.reason is not None else None


def reason_of(site_id: str, name: str) -> str:
    """A reason for rejection, in the words that the site has for it in the language of the page."""
    details = cached.value(("reason_details", site_id), DETAILS_S, lambda: _details(site_id))
    return rejection_reasons.wording(details, name, choice.current().formats.language)


def _details(site_id: str) -> Details:
    with gavel().database.read() as conn:
        return sites.get_site(conn, site_id).settings.reason_details


def reading_notice(name: str) -> str:
    """Under a comment that a colleague has open too."""
    return gettext("%(name)s is reading this now. You can still decide; the first decision counts.", name=name)


def decided_notice(decision: Decision) -> str:
    """Under a comment that a colleague decided while it was open."""
    return gettext(
        "%(done)s by %(whom)s. Your next key or click opens the next comment.",
        done=what_was_done(decision),
        whom=by_whom(decision),
    )


def spared_limits() -> str:
    """``toxicity, insult and relevance``: the limits that hold nothing of a trusted author."""
    return signals_in_sentence(spec for spec in SIGNALS.values() if spec.is_spared)


def signals_in_sentence(specs: Iterable[SignalSpec]) -> str:
    """``toxicity, insult and relevance``"""
    titles = [in_sentence(gettext(spec.title)) for spec in specs]
    return format_list(titles, locale=choice.current().formats)


def in_sentence(title: str) -> str:
    """A title as a part of a sentence, without its capital. German nouns keep theirs."""
    return title.lower() if choice.current().language in SPEAKS_LOW else title


def within(sentence: str) -> str:
    """A sentence after a colon: with a small letter, where the language wants one."""
    return sentence[:1].lower() + sentence[1:] if choice.current().language in SPEAKS_LOW else sentence


def with_reason(done: str, reason: str | None) -> str:
    """``Rejected as spam``"""
    return gettext("%(done)s as %(reason)s", done=done, reason=in_sentence(reason)) if reason else done


def notice_state(state: str) -> str:
    """How a notice of illegal content stands: open, or its end."""
    return gettext(NOTICE_STATES[NoticeState(state)])


def status_word(status: str) -> str:
    """``flagged``, beside a comment."""
    return gettext(STATUSES[status])


def role_word(role: str) -> str:
    """``lead``"""
    return gettext(ROLES[role])


def language_named(code: str) -> str:
    """In the reader's language, as far as Unicode has a name for it."""
    if choice.current().language == ENGLISH:
        return language_name(code)
    return choice.current().formats.languages.get(code.lower().partition("-")[0]) or language_name(code)


def language_in_filter(code: str) -> str:
    """As ``language_named``, and in words where a text gave no language away."""
    return gettext("Language not clear") if code == UNDETERMINED else language_named(code)


def what_was_done(decision: Decision) -> str:
    """``Rejected``, ``Escalated``; ``Undone`` for an undo."""
    if decision.undoes:
        return gettext("Undone")
    if decision.featured is not None:
        return gettext(FEATURED_WORDS[decision.featured])
    words = ACTION_WORDS.get((decision.status_before, decision.status_after)) or NEW_STATUSES[decision.status_after]
    return gettext(words)


def batch_in_words(decision: Decision, count: int) -> str:
    """``Rejected 59 comments as spam``"""
    shown = figures(count)
    if decision.undoes or decision.status_after not in BATCHES:
        done = what_was_done(decision)
        return ngettext("%(done)s: %(count)s comment", "%(done)s: %(count)s comments", count, done=done, count=shown)
    return with_reason(ngettext(*BATCHES[decision.status_after], count, count=shown), reason_in_words(decision))


def batch_was_done(decision: Decision) -> str:
    """Of many comments at once, some of which may have been published before."""
    words = {"published": N_("Approved"), "rejected": N_("Rejected")}.get(decision.status_after)
    return gettext(words) if words else what_was_done(decision)


def done_by(decision: Decision) -> str:
    """``Rejected by Ben``"""
    return gettext("%(done)s by %(whom)s", done=what_was_done(decision), whom=by_whom(decision))


def by_whom(decision: Decision) -> str:
    """The person's name, ``policy 3``, ``the site`` or ``Gavel``."""
    if decision.moderator_name:
        return decision.moderator_name
    if decision.policy_version is not None:
        return gettext("policy %(version)s", version=decision.policy_version)
    others = {"api": N_("the site"), "system": "Gavel", "import": N_("an import")}
    return gettext(others.get(decision.decided_by, decision.decided_by))


def mode_word(name: str) -> str:
    """A mode for breaking news; the name itself, if another version wrote it."""
    return gettext(MODE_NAMES[ModeName(name)]) if name in set(ModeName) else name
