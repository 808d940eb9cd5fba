"""``./run.sh demo``: starts everything, sends the sample, shows what was decided, and stays up."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import MutableMapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from examples.demo import sample as samples
from examples.demo import site, table
from examples.demo.patient import PatientGavel
from examples.demo.sample import Sample
from examples.demo.site import DemoSite
from examples.newsroom.gavel import Away, Gavel, Refused
from moderation.ground.environment.settings import Settings
from moderation.ground.errors import SettingsError
from moderation.operations.composition import open_database
from moderation.operations.operating.home import enter, locked
from workers.machine import ports
from workers.machine.one_machine import STARTUP_ERRORS, Machine, answers, start_all
from workers.machine.supervisor import Program, ProgramFailed, StopAsked, Supervisor

DECIDED_WITHIN_S = 300
POLL_S = 0.2
FAILURES = 3  # of one program in a row, before the demo gives up
PRODUCTION = ("DATABASE_URL", "DATABASE_URL_FILE", "REDIS_URL", "REDIS_URL_FILE")
NARROWEST = 120  # the table's width without a terminal


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run.sh demo", description="Gavel on this machine, with a sample newsroom.")
    parser.add_argument("--exit", action="store_true", help="stop everything after the table")
    parser.add_argument(
        "--use-my-database",
        action="store_true",
        help="put the sample into DATABASE_URL and REDIS_URL, where they are set",
    )
    options = parser.parse_args(argv)
    console = Console() if sys.stdout.isatty() else Console(width=NARROWEST)
    logging.basicConfig(level="WARNING", format="%(levelname)s %(message)s")
    try:
        if not options.use_my_database:
            leave_alone(os.environ, console)
        machine = Machine.from_env(os.environ).with_environ(GAVEL_DEMO="1")
        run(machine, newsroom_port(os.environ, machine.settings.port + 1), console, stays=not options.exit)
    except (StopAsked, KeyboardInterrupt):
        console.print("Stopped.")
        return 130
    except (*STARTUP_ERRORS, Away, Refused) as e:
        print(f"demo: {e}", file=sys.stderr)
        return 1
    return 0


def leave_alone(environ: MutableMapping[str, str], console: Console) -> None:
    """Keeps the sample out of production: takes away the variables that lead there, for this process and its children.

    Raises SettingsError when the folder itself is a newsroom's.
    """
    ignored = [name for name in PRODUCTION if environ.pop(name, None) is not None]
    if ignored:
        console.print(
            f"The demo ignores {' and '.join(ignored)}: it has a database and a queue of its own. "
            "To put the sample into yours: ./run.sh demo --use-my-database",
            soft_wrap=True,
        )
    site.refuse_a_newsrooms(Settings.from_env(environ).gavel_home)


def run(machine: Machine, newsroom_port: int, console: Console, *, stays: bool) -> None:
    """Raises StopAsked and one of STARTUP_ERRORS. Every process has ended when it returns."""
    gavel_home = machine.settings.gavel_home
    enter(gavel_home)
    with locked(gavel_home), Supervisor(machine.log_folder).running() as supervisor:
        ports.refuse_taken_port("127.0.0.1", newsroom_port, variable="NEWSROOM_PORT")
        console.print(
            "Starting the queue server, a worker, the scoring process, the sweeper, deliveries and the web service…"
        )
        machine = start_all(supervisor, machine, workers=1)
        demo = find_site(machine)
        newsroom_url = start_newsroom(supervisor, machine, demo, newsroom_port)
        written = site.write(gavel_home, demo, base_url=machine.base_url, newsroom_url=newsroom_url)
        gavel = PatientGavel(machine.base_url, demo.api_key)
        gavel.call("PUT", "/v1/site/origins", json={"origins": [newsroom_url]})
        show_outcomes(supervisor, gavel, console)
        if stays:
            console.print(farewell(machine.base_url, newsroom_url, demo, written), highlight=False, soft_wrap=True)
            supervisor.wait_for_stop()
        console.print("Stopping…")


def newsroom_port(environ: os._Environ[str], default: int) -> int:
    raw = environ.get("NEWSROOM_PORT", str(default))
    if not raw.isdigit() or not 0 < int(raw) < 65536:
        raise SettingsError(f"NEWSROOM_PORT: must be between 1 and 65535, got {raw!r}")
    return int(raw)


def find_site(machine: Machine) -> DemoSite:
    database = open_database(machine.settings.resolved_database_url, pool_size=1)
    try:
        return site.find_or_create(database, machine.settings.gavel_home)
    finally:
        database.close()


def start_newsroom(supervisor: Supervisor, machine: Machine, demo: DemoSite, port: int) -> str:
    url = f"http://127.0.0.1:{port}"
    options = ("--bind", f"127.0.0.1:{port}", "--threads", "8", "--no-control-socket")
    command = ("gunicorn", *options, "examples.newsroom.site:create_app()")
    program = machine.program("newsroom", *command, is_ready=lambda: answers(f"{url}/static/newsroom.css"))
    knows = {
        "GAVEL_URL": machine.base_url,
        "GAVEL_KEY": demo.api_key,
        "GAVEL_SITE": demo.site_id,
        "GAVEL_READER_KID": demo.reader_kid,
        "GAVEL_READER_SECRET": demo.reader_secret,
    }
    supervisor.start(Program(program.name, program.command, {**program.environ, **knows}, is_ready=program.is_ready))
    return url


def show_outcomes(supervisor: Supervisor, gavel: Gavel, console: Console) -> None:
    sample = Sample.load()
    columns = (TextColumn("{task.description:<9}"), BarColumn(40), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        send(supervisor, gavel, sample, progress)
    outcomes = list(samples.outcomes(gavel, sample))
    console.print(table.table(outcomes))
    console.print(table.summary(outcomes))


def send(supervisor: Supervisor, gavel: Gavel, sample: Sample, progress: Progress) -> None:
    """Returns when all are decided. Raises ProgramFailed if that takes too long or a process keeps ending."""
    total = len(sample.comments)
    sent, decided = progress.add_task("accepted", total=total), progress.add_task("decided", total=total)
    samples.put_articles(gavel, sample)
    for _ in samples.send_comments(gavel, sample):
        progress.advance(sent)
        supervisor.wait(0)
    for _ in range(int(DECIDED_WITHIN_S / POLL_S)):
        waiting = samples.count_waiting(gavel, sample)
        progress.update(decided, completed=total - waiting)
        if waiting == 0:
            return
        supervisor.refuse_failures(FAILURES)
        supervisor.wait(POLL_S)
    raise ProgramFailed(f"comments still wait after {DECIDED_WITHIN_S} seconds: see {supervisor.log_folder}")


def farewell(base_url: str, newsroom_url: str, demo: DemoSite, written: Path) -> str:
    return f"""
[bold]Gavel is up.[/bold] Ctrl-C stops everything; the next start finds it as it is.

  A news site, to write as a reader    [cyan]{newsroom_url}[/cyan]
      its comment box                  {base_url}/embed/v1.js
  The moderators' desk                 [cyan]{base_url}/desk[/cyan]
      log in as                        {demo.email}
      with the password                {demo.password}
  The API and how to call it           [cyan]{base_url}/docs[/cyan]
      the site's key                   {demo.api_key}

  The same in a file: {written}   Logs: {written.parent / "log"}
"""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
