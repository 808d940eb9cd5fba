"""``answer``: scores texts that are not stored, for the web service."""

from __future__ import annotations

import click

from moderation.ground.monitoring import instruments
from moderation.operations.operating import home
from moderation.operations.operating.command_line import Operated


@click.command()
@click.pass_obj
def answer(context: Operated) -> None:
    """Score texts that are not stored, for the web service, until SIGTERM.

    It listens on SCORING_HOST and SCORING_PORT, for those who know SCORING_TOKEN. Texts stay in memory.
    """
    from workers.answering.server import serve  # noqa: PLC0415 - `answer --help` needs no server

    settings = context.settings
    settings.refuse_placeholders()
    home.enter(settings.gavel_home)
    instruments.share(settings.gavel_home / "metrics")
    serve(settings)
