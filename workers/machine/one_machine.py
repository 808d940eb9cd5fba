"""Runs all of Gavel on one machine and keeps it running: ``gavel up``, and ``gavel worker --keep-up`` beside it."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import click
import urllib3
from redis import Redis
from redis.exceptions import RedisError
from urllib3.exceptions import HTTPError

from moderation.ground.environment.network import own_address
from moderation.ground.environment.settings import Settings
from moderation.ground.errors import GavelError, ScoringAway
from moderation.operations.operating import heartbeats
from moderation.operations.operating.command_line import INTERRUPTED
from moderation.operations.operating.home import enter, locked
from moderation.pipeline.drafts import shared_token
from moderation.pipeline.drafts.scoring_process import ScoringProcess
from workers.machine import ports, queue_server
from workers.machine.ports import PortTaken
from workers.machine.queue_server import QueueServerError
from workers.machine.supervisor import Child, Program, ProgramFailed, StopAsked, Supervisor

ROOT = Path(__file__).resolve().parents[2]
STARTUP_ERRORS = (GavelError, PortTaken, ProgramFailed, QueueServerError)
MODELS_WITHIN_S = 180.0
QUEUE_STAGE = 0  # starts first and stops last

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Machine:
    """The settings of this machine's processes, and the variables that each finds in its environment."""

    settings: Settings
    environ: Mapping[str, str]
    embeds_queue: bool
    embeds_scoring: bool

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Machine:
        """Raises SettingsError. Without REDIS_URL, Gavel starts a queue server of its own, and without SCORING_URL a
        process that scores texts which are not stored."""
        settings = Settings.from_env(environ)
        settings = replace(settings, gavel_home=settings.gavel_home.absolute())
        own = {"GAVEL_HOME": str(settings.gavel_home), "PYTHONUNBUFFERED": "1"}
        return cls(settings, own, _is_unset("REDIS_URL", environ), _is_unset("SCORING_URL", environ))

    @property
    def base_url(self) -> str:
        """The address at which this machine reaches the web service."""
        return f"http://{own_address(self.settings.host)}:{self.settings.port}"

    @property
    def log_folder(self) -> Path:
        """The folder with one log file per process."""
        return self.settings.gavel_home / "log"

    def with_environ(self, **more: str) -> Machine:
        """The machine with more environment variables, and the settings that follow from them."""
        environ = {**self.environ, **more}
        return replace(self, environ=environ, settings=Settings.from_env({**os.environ, **environ}))

    def program(self, name: str, *command: str, is_ready: Callable[[], bool] = lambda: True) -> Program:
        """A Python module of this project as a program: ``program("web", "service", "serve")``.

        ``-P`` keeps Python from importing a folder of the same name from the folder where the command was typed.
        """
        python = (sys.executable, "-P", "-m", *command)
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        return Program(name, python, environ={**self.environ, "PYTHONPATH": path}, is_ready=is_ready)


def start_all(supervisor: Supervisor, machine: Machine, *, workers: int) -> Machine:
    """Starts queue server, workers, scoring process, sweeper, deliveries and web service. Returns the machine with
    their addresses, once a worker and the scoring process have loaded their models."""
    ports.refuse_taken_port(machine.settings.host, machine.settings.port, variable="PORT")
    if machine.embeds_queue:
        machine = start_queue(supervisor, machine)
    supervisor.run_once(machine.program("migrate", "service", "migrate"))
    started_at = time.time()
    scoring = [supervisor.launch(machine.program(f"worker-{number}", "workers")) for number in range(1, workers + 1)]
    answering: Child | None = None
    if machine.embeds_scoring:
        machine = with_scoring(machine)
        answering = supervisor.launch(machine.program("answer", "workers", "answer"))
    supervisor.start(machine.program("sweeper", "workers", "sweep"))
    supervisor.start(machine.program("deliver", "workers", "deliver"))
    url = f"{machine.base_url}/readyz"
    supervisor.start(machine.program("web", "service", "serve", is_ready=lambda: answers(url)))
    if scoring:
        loaded = partial(heartbeats.is_fresh, machine.settings.gavel_home, heartbeats.MODELS, since=started_at)
        supervisor.wait_until(loaded, scoring[0], within_s=MODELS_WITHIN_S)
    if answering is not None:
        process = ScoringProcess.of(machine.settings)
        supervisor.wait_until(lambda: scores(process), answering, within_s=MODELS_WITHIN_S)
    return machine


def with_scoring(machine: Machine) -> Machine:
    """The machine with the address of its own scoring process, and the token of this home."""
    home, given = machine.settings.gavel_home, machine.settings
    if not given.scoring_token:
        shared_token.make(home)
    if _is_unset("SCORING_PORT", os.environ):
        machine = machine.with_environ(SCORING_PORT=str(ports.choose_scoring_port(home)))
    url = f"http://{own_address(given.scoring_host)}:{machine.settings.scoring_port}"
    return machine.with_environ(SCORING_URL=url)


def scores(process: ScoringProcess) -> bool:
    """Whether the scoring process has loaded its models and answers."""
    try:
        process.state()
    except ScoringAway:
        return False
    return True


def start_queue(supervisor: Supervisor, machine: Machine) -> Machine:
    """Starts the queue server. One that has outlived its supervisor is asked to save and exit, and the new one takes
    over its data."""
    gavel_home = machine.settings.gavel_home
    port = ports.choose_queue_port(gavel_home)
    if (left := ports.our_queue(gavel_home, port)) is not None:
        log.info("replacing the queue server that still runs on port %d", port)
        _dismiss(left, port)
    url, password = ports.queue_url(gavel_home, port), ports.queue_password(gavel_home)
    command = tuple(queue_server.command(ports.queue_folder(gavel_home), port, password=password))
    supervisor.start(
        Program("queue", command, stage=QUEUE_STAGE, is_ready=lambda: queue_server.answers(url), ready_within_s=30)
    )
    return machine.with_environ(REDIS_URL=url)


def answers(url: str) -> bool:
    """Whether the URL answers a GET with success."""
    try:
        return urllib3.request("GET", url, timeout=2.0, retries=False).status < 300
    except HTTPError:
        return False


def up(machine: Machine, *, workers: int) -> None:
    """Runs everything until somebody asks to stop. Raises one of STARTUP_ERRORS."""
    enter(machine.settings.gavel_home)
    with locked(machine.settings.gavel_home), Supervisor(machine.log_folder).running() as supervisor:
        machine = start_all(supervisor, machine, workers=workers)
        print(f"Gavel is up: {machine.base_url}/desk (logs in {machine.log_folder})", flush=True)
        supervisor.wait_for_stop()
        print("Stopping…", flush=True)


def one_worker(machine: Machine) -> None:
    """Runs one more worker, and starts it again each time it ends. Raises one of STARTUP_ERRORS."""
    if machine.embeds_queue:
        machine = machine.with_environ(REDIS_URL=_queue_of(machine.settings.gavel_home))
    enter(machine.settings.gavel_home)
    name = f"worker-{os.getpid()}"
    with Supervisor(machine.log_folder).running() as supervisor:
        supervisor.start(machine.program(name, "workers"))
        print(f"One more worker is up (log in {machine.log_folder / name}.log)", flush=True)
        supervisor.wait_for_stop()


def _is_unset(name: str, environ: Mapping[str, str]) -> bool:
    return name not in environ and f"{name}_FILE" not in environ


def _queue_of(gavel_home: Path) -> str:
    port = ports.remembered_queue_port(gavel_home)
    if port is None or not ports.is_our_queue(gavel_home, port):
        raise QueueServerError(f"no Gavel runs in {gavel_home}: start `gavel up` first, or set REDIS_URL")
    return ports.queue_url(gavel_home, port)


def _dismiss(left: Redis, port: int) -> None:
    """Asks the old server to exit. It then writes its append-only file, which the next server reads."""
    try:
        with left:
            left.shutdown()
    except RedisError as e:
        raise QueueServerError(f"the queue server on port {port} does not stop: {e}") from e


def attended(run: Callable[[Machine], None]) -> None:
    """Runs at a terminal: an error at the start is one line, and a request to stop during the start is no error."""
    try:
        run(Machine.from_env(os.environ))
    except StopAsked:
        raise click.exceptions.Exit(INTERRUPTED) from None
    except STARTUP_ERRORS as e:
        click.echo(f"gavel: {e}", err=True)
        raise click.exceptions.Exit(1) from e
