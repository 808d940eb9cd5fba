"""``gavel COMMAND``. It imports the web service and the workers by name, since neither may import the other and either
may be missing."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import click

from gavel import __version__
from moderation.operations.operating import command_line
from moderation.operations.operating.command_line import LazyGroup

HELP = """Comment moderation for news sites.

Settings come from the environment; docs/operating.md lists them. GAVEL_HOME is the folder for the database, the queue
and the logs: `var` in the present folder, unless you set it.
"""
RENAMED = {"work": "worker"}  # `python -m workers work` is `gavel worker`


@dataclass(frozen=True, slots=True)
class Side:
    """One of the packages with commands, and the libraries that its extra installs in addition to the core."""

    package: str
    extra: str
    needs: tuple[str, ...]

    def lacks(self) -> tuple[str, ...]:
        """The package itself or libraries that are not installed."""
        return tuple(name for name in (self.package, *self.needs) if find_spec(name) is None)

    def places(self) -> Mapping[str, str]:
        """The commands of this side. None if the package is missing, as it is in our container images."""
        if find_spec(self.package) is None:
            return {}
        places: Mapping[str, str] = importlib.import_module(f"{self.package}.commands").PLACES
        return {RENAMED.get(name, name): place for name, place in places.items()}


WEB = Side("service", "web", ("flask", "flask_openapi3", "argon2", "rich"))
WORKER = Side("workers", "worker", ("onnxruntime", "tokenizers", "numpy"))


class GavelCommand(LazyGroup):
    """It lists commands even if their extra is missing; they then say how to install it."""

    def __init__(self) -> None:
        self.sides = {name: (side,) for side in (WEB, WORKER) for name in side.places()} | {"up": (WEB, WORKER)}
        super().__init__({**WEB.places(), **WORKER.places()}, help=HELP)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Adds to the error about an unknown command which packages this installation lacks."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as e:
            without = [side.package for side in (WEB, WORKER) if find_spec(side.package) is None]
            if not without:
                raise
            raise click.UsageError(f"{e.message} This installation is without: {', '.join(without)}.", ctx) from e

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        for side in self.sides.get(cmd_name, ()):
            if lacking := side.lacks():
                return absent(cmd_name, side.extra, lacking[0])
        return super().get_command(ctx, cmd_name)


def absent(name: str, extra: str, lacking: str) -> click.Command:
    """A command in place of one that cannot run here."""
    needs = f"needs gavel[{extra}], since {lacking} is not installed"

    @click.command(
        name,
        help=f"({needs})",
        add_help_option=False,
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )
    def refuse() -> None:
        raise click.ClickException(f"`gavel {name}` {needs}: install Gavel with its extra `{extra}`")

    return refuse


def main(arguments: Sequence[str] | None = None) -> int:
    cli = GavelCommand()
    click.version_option(__version__, prog_name="gavel", message="%(prog)s %(version)s")(cli)
    return command_line.run(cli, "gavel", arguments)
