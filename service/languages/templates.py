"""Gives the templates ``_``, ``gettext``, ``ngettext``, ``pgettext`` and ``{% trans %}``, and the reader's language."""

from __future__ import annotations

from flask import Flask

from service.languages import choice
from service.languages.wording import gettext, ngettext, npgettext, pgettext


def register(app: Flask) -> None:
    """Placeholders in templates are escaped, and a percent sign in a sentence is written twice."""
    env = app.jinja_env
    env.add_extension("jinja2.ext.i18n")
    env.policies["ext.i18n.trimmed"] = True  # a sentence may be broken into lines
    env.install_gettext_callables(  # type: ignore[attr-defined]  # the extension adds it
        gettext, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext
    )
    env.globals["reader_choice"] = choice.current
