"""The commands of the workers: the processes that score, sweep and deliver, and commands for models and archives."""

from __future__ import annotations

import click

from moderation.operations.operating.command_line import LazyGroup

PLACES = {
    "work": "workers.commands.work:work",
    "sweep": "workers.commands.sweep:sweep",
    "deliver": "workers.commands.deliver:deliver",
    "answer": "workers.commands.answer:answer",
    "score": "workers.commands.score:score",
    "export": "workers.commands.export:export",
    "models": "workers.commands.models:models",
    "health": "workers.commands.health:health",
    "spam": "workers.commands.spam:spam",
    "learn": "workers.commands.learn:learn",
    "rules": "workers.commands.rules.group:rules",
    "up": "workers.commands.up:up",
}
USUAL = "work"


class Workers(LazyGroup):
    """Without a command's name, it works."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        asks_for_help = bool(set(args[:1]) & set(ctx.help_option_names))
        is_named = bool(args) and not args[0].startswith("-")
        return super().parse_args(ctx, args if is_named or asks_for_help else [USUAL, *args])


cli = Workers(PLACES, help="Gavel's workers. Without a command: work. docs/operating.md lists the settings.")
