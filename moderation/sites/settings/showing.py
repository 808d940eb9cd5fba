"""A site's settings for lists and for the audit trail, without secrets."""

from __future__ import annotations

from typing import Any

from moderation.sites.settings.values import DECLARED, SiteSettings


def differences(before: SiteSettings, after: SiteSettings) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields that differ, before and after, for the audit trail. Secrets are left out."""
    changed = [name for name in DECLARED if getattr(before, name) != getattr(after, name)]
    was, is_now = shown(before), shown(after)
    renewed = {name: "renewed" for name in changed if DECLARED[name].setting.is_secret and was[name] and is_now[name]}
    return {name: was[name] for name in changed}, {name: is_now[name] for name in changed} | renewed


def shown(settings: SiteSettings) -> dict[str, Any]:
    """Every field, for a list of settings. Secrets are left out."""
    return {name: declaration.shown(getattr(settings, name)) for name, declaration in DECLARED.items()}
