"""The dialects of other vendors, so that their clients work here once their address and key are changed.

Each folder speaks one dialect. ``frame`` has all that they share: the key, the limits, pages of other origins, and
errors before a dialect words them.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Flask

from service.compat.akismet import probes as of_akismet
from service.compat.akismet.calls import akismet
from service.compat.coral.calls import coral
from service.compat.openai import probes as of_openai
from service.compat.openai.moderations import openai
from service.compat.perspective import probes as of_perspective
from service.compat.perspective.calls import perspective
from service.compat.probing import Probe

DIALECTS: tuple[Blueprint, ...] = (akismet, coral, openai, perspective)
PROBES: Mapping[str, tuple[Probe, ...]] = {
    "akismet": of_akismet.PROBES,
    "openai": of_openai.PROBES,
    "perspective": of_perspective.PROBES,
}
"""The calls by which ``gavel compat check`` tries each dialect, given a key for it."""


def register(app: Flask) -> None:
    """Adds every dialect. None of them is in our own OpenAPI document: their vendors describe them."""
    for dialect in DIALECTS:
        app.register_blueprint(dialect)
