"""Says in the reader's language what the code says in English.

Code and templates hold whole English sentences with named placeholders. A constant is marked by ``N_`` and translated
where it is shown: ``TITLE = N_("Failed items")``, later ``gettext(TITLE)``.
"""

from __future__ import annotations

from gettext import NullTranslations

from service.languages import catalogues
from service.languages.choice import current


def N_(message: str) -> str:  # noqa: N802 - the name by which everybody's tools find messages
    """Marks a sentence for translation and leaves it as it is."""
    return message


def ngettext_noop(singular: str, plural: str) -> tuple[str, str]:
    """Marks the two forms of a constant, for ``ngettext(*FORMS, count)``."""
    return singular, plural


def gettext(message: str, /, **values: object) -> str:
    """``gettext("Sent to %(name)s", name=…)``."""
    return _filled(_translations().gettext(message), values) if message else ""  # which is the catalogue's header


def ngettext(singular: str, plural: str, number: int, /, **values: object) -> str:
    """``ngettext("%(count)s comment", "%(count)s comments", n, count=figures(n))``. Languages have one to six forms."""
    return _filled(_translations().ngettext(singular, plural, number), values)


def pgettext(context: str, message: str, /, **values: object) -> str:
    """For a word that other languages translate differently from place to place: ``pgettext("a comment", "Open")``."""
    return _filled(_translations().pgettext(context, message), values)


def npgettext(context: str, singular: str, plural: str, number: int, /, **values: object) -> str:
    """``pgettext`` with a number."""
    return _filled(_translations().npgettext(context, singular, plural, number), values)


def _translations() -> NullTranslations:
    return catalogues.translations(current().language)


def _filled(message: str, values: dict[str, object]) -> str:
    """The sentence with its values; without values a percent sign is a percent sign."""
    return message % values if values else message
