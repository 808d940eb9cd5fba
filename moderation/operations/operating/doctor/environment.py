"""The settings: every mistake at once, names that look like a setting's, and what belongs in no production."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from moderation.ground.environment.settings import Settings
from moderation.ground.errors import SettingsError
from moderation.operations.operating.doctor.findings import Finding, error, ok, warning

PART = "settings"
LIKENESS = 0.85  # of two names, 0 to 1: DATABASE_URI is like DATABASE_URL, HOSTNAME is not like HOST


def check(environ: Mapping[str, str]) -> list[Finding]:
    mistakes = Settings.mistakes(environ)
    if mistakes:
        return [error(PART, str(mistake), "correct it where the process gets its settings") for mistake in mistakes]
    settings = Settings.from_env(environ)
    findings = [*_misspelt(environ), *_for_no_production(settings)]
    names = [name for name in _known() if name in environ or f"{name}_FILE" in environ]
    return [ok(PART, f"set: {', '.join(names) or 'none, so all have their defaults'}"), *findings]


def _misspelt(environ: Mapping[str, str]) -> Iterator[Finding]:
    known = {name for setting in _known() for name in (setting, f"{setting}_FILE")}
    for name in sorted(environ.keys() - known):
        if meant := get_close_matches(name, known, n=1, cutoff=LIKENESS):
            yield warning(PART, f"{name} is no setting, so it has no effect", f"{meant[0]}=… in place of {name}=…")


def _for_no_production(settings: Settings) -> Iterator[Finding]:
    try:
        settings.refuse_placeholders()
    except SettingsError as e:
        yield error(
            PART, str(e), f"{str(e).partition(':')[0]}=… with a password of its own, as from: openssl rand -hex 24"
        )
    if settings.demo:
        yield warning(PART, "GAVEL_DEMO lets example passwords and cookies without TLS through", "GAVEL_DEMO=no")
    if settings.webhook_allow_private:
        problem = "webhooks may reach into your own network: anybody with a site's key chooses where"
        yield warning(PART, problem, "WEBHOOK_ALLOW_PRIVATE=no")


def _known() -> list[str]:
    return [name for name, _default, _meaning in Settings.documented()]
