"""The command lines of both sides: settings and logs before a command runs, and one line instead of a traceback."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import click

from moderation.ground.environment.settings import Settings
from moderation.ground.errors import GavelError
from moderation.ground.monitoring import logs

if TYPE_CHECKING:
    from moderation.ground.database.engine import Database

INTERRUPTED = 130
BAD_START = 2
DOCTOR = "doctor"  # reads the settings itself, to name every mistake in them


@dataclass(frozen=True, slots=True)
class Operated:
    """The context that every command receives."""

    settings: Settings

    def database(self) -> Database:
        """Raises StorageNotReady unless the database is migrated."""
        from moderation.operations.composition import open_database  # noqa: PLC0415
        from moderation.operations.operating import migrating  # noqa: PLC0415 - scoring an archive needs no database

        database = open_database(self.settings.resolved_database_url, pool_size=1)
        migrating.check(database)
        return database


class LazyGroup(click.Group):
    """Commands by name, each as ``module:attribute``, imported when it is asked for.

    So no command pays for what another one needs, in time, in memory or in packages.
    """

    def __init__(
        self, places: Mapping[str, str], *, help: str, former: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        """``former`` gives the names of today by those of before, which go on for one release."""
        shown = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
        super().__init__(help=help, context_settings=shown, callback=click.pass_context(begin), **more)
        self.places, self.former = places, former or {}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The commands in the order of ``places``."""
        return list(self.places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Imports the command's module; None for an unknown name."""
        if cmd_name in self.former:
            click.echo(
                f"{cmd_name} is called {self.former[cmd_name]} now; the old name goes with the next release", err=True
            )
        place = self.places.get(self.former.get(cmd_name, cmd_name))
        if place is None:
            return None
        module, _, attribute = place.partition(":")
        return cast(click.Command, getattr(importlib.import_module(module), attribute))

    def invoke(self, ctx: click.Context) -> Any:
        """Exits with INTERRUPTED on Ctrl-C."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:  # also while models are loaded; click would print an empty line
            ctx.exit(INTERRUPTED)


def begin(ctx: click.Context, /, **_options: Any) -> None:
    """Reads the settings and sets up the logs. Raises SettingsError."""
    if ctx.invoked_subcommand == DOCTOR:
        return
    settings = Settings.from_env(os.environ)
    logs.set_up(settings.log_level, settings.log_format)
    ctx.obj = Operated(settings)


def run(cli: click.Group, name: str, arguments: Sequence[str] | None = None) -> int:
    """Runs the command that the arguments name, and returns the exit code. Errors of ours are one line each."""
    try:
        given = None if arguments is None else list(arguments)
        code = cli.main(given, prog_name=name, standalone_mode=False)
    except click.ClickException as e:
        e.show()
        return e.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except GavelError as e:
        click.echo(f"{_short(name)}: {e}", err=True)
        return BAD_START
    except Exception as e:
        from sqlalchemy.exc import InterfaceError, OperationalError  # noqa: PLC0415 - not before a command has failed

        if not isinstance(e, (OperationalError, InterfaceError)):
            raise
        click.echo(f"{_short(name)}: the database does not answer: {logs.clean(str(e.orig))}", err=True)
        return BAD_START
    return code if isinstance(code, int) else 0  # the code of ctx.exit, which click returns here


def _short(name: str) -> str:
    return name.rpartition(" ")[2]
