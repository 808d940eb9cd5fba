"""Why a signal has no value, in the reader's language. The rows and the API keep it in English."""

from __future__ import annotations

import re

from moderation.judging.text.language_names import NAMES
from service.desk.frame.sentences.wording import language_in_filter
from service.languages.wording import N_, gettext

WHOLE = {
    "too short": N_("too short to judge"),
    "not sent": N_("the site did not send it"),
    "no article text or title": N_("nothing is known of the article"),
    "quotes the article": N_("quotes the article"),
    "a wish that many write": N_("a wish that many write"),
    "a petition": N_("a petition"),
    "too few decisions in this language": N_("too few decisions in its language"),
}

WITH_LANGUAGE = {
    "language": N_("not scored in this language: %(language)s"),
    "not measured in": N_("not measured in this language: %(language)s"),
    "too few decisions in": N_("too few decisions in this language: %(language)s"),
    "capitals are ordinary in": N_("capitals say little in this language: %(language)s"),
}

_LANGUAGE = re.compile(f"({'|'.join(WITH_LANGUAGE)}):? (.+)")
_FEWER = re.compile(r"fewer than (\d+) decided comments")
_APPROVED = re.compile("(.+) approved such copies", re.DOTALL)
_CODES = {name: code for code, name in NAMES.items()}


def why_no_value(reason: str) -> str:
    """A reason that has no sentence here stays as it is."""
    if reason in WHOLE:
        return gettext(WHOLE[reason])
    if (match := _LANGUAGE.fullmatch(reason)) is not None:
        start, language = match.groups()
        return gettext(WITH_LANGUAGE[start], language=language_in_filter(_CODES.get(language, language)))
    if (match := _FEWER.fullmatch(reason)) is not None:
        return gettext("fewer than %(number)s comments of this author are decided", number=match[1])
    if (match := _APPROVED.fullmatch(reason)) is not None:
        return gettext("%(name)s approved such copies", name=match[1])
    return reason
