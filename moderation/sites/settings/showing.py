"""A site's settings for lists and for the audit trail, without secrets."""

from __future__ import annotations

from typing import Any

from moderation.ground.monitoring import logs
from moderation.sites.settings.json_column import WRITERS
from moderation.sites.settings.values import NAMES, SECRETS, SiteSettings


def differences(before: SiteSettings, after: SiteSettings) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields that differ, before and after, for the audit trail. Secrets are left out."""
    changed = [name for name in NAMES if getattr(before, name) != getattr(after, name)]
    return {n: _shown(before, n) for n in changed}, {n: _shown(after, n, before) for n in changed}


def shown(settings: SiteSettings) -> dict[str, Any]:
    """Every field, for a list of settings. Secrets are left out."""
    return {name: _shown(settings, name) for name in NAMES}


def _shown(settings: SiteSettings, name: str, before: SiteSettings | None = None) -> Any:
    value = getattr(settings, name)
    if name in SECRETS:
        was_set = before is not None and getattr(before, name) is not None
        return None if value is None else "renewed" if was_set else "set"
    if name == "webhook_url":
        return logs.clean(value) if value is not None else None
    if name in WRITERS:
        return WRITERS[name](value) if value is not None else None
    return list(value) if isinstance(value, tuple) else value
