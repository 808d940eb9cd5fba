"""The commands for operators at a terminal: serving, migrating, and the few tasks that no page covers."""

from __future__ import annotations

from moderation.operations.operating.command_line import LazyGroup

PLACES = {
    "serve": "service.commands.serving:serve",
    "migrate": "service.commands.serving:migrate",
    "site": "service.commands.sites.sites:site",
    "key": "service.commands.sites.keys:key",
    "reader-secret": "service.commands.sites.reader_secrets:reader_secret",
    "embed": "service.commands.sites.embed:embed",
    "texts": "service.commands.sites.texts:site_texts",
    "mode": "service.commands.sites.modes:mode",
    "alerts": "service.commands.sites.alerts:alerts",
    "second": "service.commands.second:second",
    "moderator": "service.commands.moderators:moderator",
    "login": "service.commands.login:login",
    "import": "service.commands.importing:import_history",
    "policy": "service.commands.policy:policy",
    "limits": "service.commands.limits:count_limits",
    "statements": "service.commands.statements:statements",
    "transparency-report": "service.commands.transparency_report:transparency_report",
    "compat": "service.commands.compat.checking:compat",
    "doctor": "service.commands.doctor:doctor",
    "status": "service.commands.status:status",
    "capacity": "service.commands.status:capacity",
    "failure-policy": "service.commands.rescoring:failure_policy",
    "rescore": "service.commands.rescoring:rescore",
    "dead": "service.commands.upkeep:dead",
    "retention": "service.commands.upkeep:set_retention",
    "retain": "service.commands.upkeep:retain",
    "backup": "service.commands.upkeep:backup",
    "restore": "service.commands.upkeep:restore",
    "idle": "service.commands.upkeep:idle",
}

FORMER = {"report": "transparency-report"}

cli = LazyGroup(
    PLACES,
    former=FORMER,
    help="Gavel's web service. Settings come from the environment; docs/operating.md lists them.",
)
