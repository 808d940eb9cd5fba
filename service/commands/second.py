"""``second``: connect a second reader, try it, replay decisions, and switch it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TextIO

import click

from moderation.ground.database.engine import Database
from moderation.ground.estimates import Share
from moderation.judging.second_reader.registry import CONTRACTS
from moderation.operations.operating.command_line import Operated
from moderation.operations.operating.terminal import operator, site_named
from moderation.pipeline.second_opinions import examining, replaying, switching
from moderation.pipeline.second_opinions.figures import ReplayFigures
from moderation.sites import rows as sites
from moderation.sites.second_readers import connecting
from moderation.sites.second_readers import rows as readers
from moderation.sites.second_readers.values import ReaderState, ReaderWish, SecondReader
from moderation.spine.second_readings import budget_rows as budgets
from moderation.spine.second_readings import replay_rows as replays
from moderation.spine.second_readings import trial_rows as trials
from moderation.spine.second_readings.replay_rows import ReaderReplay
from moderation.spine.second_readings.trial_rows import ReaderTrial
from moderation.spine.second_readings.values import MICROS, Purpose, ReaderAnswer
from service.context import utc_now

LOOK_EVERY_S = 2.0


@click.group()
def second() -> None:
    """Second readers: language models that read by the rule book."""


@second.command("connect")
@click.argument("site_name", metavar="SITE")
@click.argument("name", metavar="NAME")
@click.option("--contract", type=click.Choice(sorted(CONTRACTS)), default="chat", show_default=True, help="Its kind.")
@click.option("--url", required=True, help="Such as http://127.0.0.1:8080/v1.")
@click.option("--model", required=True, help="By the name that its server has for it.")
@click.option("--key-file", type=click.File(encoding="utf-8"), help="A file with its key; - reads the key from here.")
@click.option("--unmasked", is_flag=True, help="Send names, addresses and numbers as they are.")
@click.option("--price-in", type=float, default=0.0, help="Euros for a million tokens read.")
@click.option("--price-out", type=float, default=0.0, help="Euros for a million tokens written.")
@click.pass_obj
def connect(
    context: Operated,
    site_name: str,
    name: str,
    contract: str,
    url: str,
    model: str,
    key_file: TextIO | None,
    unmasked: bool,
    price_in: float,
    price_out: float,
) -> None:
    """Connect a model to SITE. It reads nothing until it is in the shadow."""
    database = context.database()
    key = key_file.read().strip() or None if key_file else None
    connecting.connect(
        database,
        site_named(database, site_name),
        ReaderWish(name, contract, url, model, not unmasked, key, price_in, price_out),
        contracts=CONTRACTS,
        private_addresses=context.settings.private_webhooks,
        by=operator(),
        now=utc_now(),
    )
    click.echo("connected; it is off")


@second.command("try")
@click.argument("site_name", metavar="SITE")
@click.argument("name", metavar="NAME")
@click.option("--comments", type=click.IntRange(1, 100), default=replaying.TRIED, show_default=True)
@click.option("--wait/--no-wait", default=True, help="Wait for the end, and print the answers.")
@click.pass_obj
def try_reader(context: Operated, site_name: str, name: str, comments: int, wait: bool) -> None:
    """Have the last comments of SITE read by `gavel deliver`, and print the answers."""
    database = context.database()
    reader = _named(database, site_named(database, site_name), name)
    tried = _replayed(database, reader, Purpose.TRY, comments, wait=wait)
    with database.read() as conn:
        answers = replays.answers(conn, tried.id)
    for read in answers:
        seconds, text = read.answer.latency_ms / 1000, " ".join(read.text.split())
        click.echo(f"{_said(read.answer):60} {seconds:6.1f} s  {text[:60]}")


@second.command("trial")
@click.argument("site_name", metavar="SITE")
@click.argument("name", metavar="NAME")
@click.option("--wait/--no-wait", default=True, help="Wait for the end, and print what it says.")
@click.pass_obj
def trial(context: Operated, site_name: str, name: str, wait: bool) -> None:
    """Have `gavel deliver` ask it plain comments, probes and injections."""
    database = context.database()
    reader = _named(database, site_named(database, site_name), name)
    started = examining.start(database, reader.site_id, reader.id, by=operator(), now=utc_now())
    while True:
        with database.read() as conn:
            running = trials.get(conn, reader.site_id, started.id)
        if running.ended_at is not None or not wait:
            break
        click.echo(f"{len(running.answers)} of {running.questions} answered", err=True)
        time.sleep(LOOK_EVERY_S)
    _print_trial(running, reader)
    with database.read() as conn:
        problems = examining.against(conn, reader) if running.is_complete else []
    for problem in problems:
        click.echo(f"  it {problem}")


@second.command("replay")
@click.argument("site_name", metavar="SITE")
@click.argument("name", metavar="NAME")
@click.option("--decisions", type=click.IntRange(1, replaying.MOST), default=replaying.MOST, show_default=True)
@click.option("--wait/--no-wait", default=True, help="Wait for the end, and print what it says.")
@click.pass_obj
def replay(context: Operated, site_name: str, name: str, decisions: int, wait: bool) -> None:
    """Have the last comments that people of SITE decided read, by `gavel deliver`."""
    database = context.database()
    reader = _named(database, site_named(database, site_name), name)
    _print(_replayed(database, reader, Purpose.REPLAY, decisions, wait=wait))


@second.command("status")
@click.argument("site_name", metavar="SITE")
@click.pass_obj
def status(context: Operated, site_name: str) -> None:
    """Print the second readers of SITE, what keeps each from being switched on, and what today cost."""
    database = context.database()
    site_id = site_named(database, site_name)
    with database.read() as conn:
        connected = readers.of_site(conn, site_id)
        lacking = {reader.id: switching.against(conn, reader) for reader in connected}
        newest = {reader.id: replays.newest(conn, reader.id, Purpose.REPLAY) for reader in connected}
        examined = {reader.id: trials.newest(conn, reader.id) for reader in connected}
        spent = budgets.spent(conn, site_id, utc_now().date())
        budget = sites.get_site(conn, site_id).settings.second_reader_budget
    for reader in connected:
        since = f"since {reader.state_since:%Y-%m-%d %H:%M} UTC"
        click.echo(f"{reader.wish.name}: {reader.state} {since}, {reader.wish.model} at {reader.host}")
        if reader.rests_until is not None and reader.rests(utc_now()):
            click.echo(f"  it does not answer, and is asked again at {reader.rests_until:%H:%M} UTC")
        tried = newest[reader.id]
        if (newest_trial := examined[reader.id]) is not None:
            _print_trial(newest_trial, reader)
        if tried is not None:
            _print(tried)
        for problem in () if reader.state is ReaderState.ON else lacking[reader.id]:
            click.echo(f"  it {problem.message}")
    cost, most = _euros(spent.cost), _euros(budget.cost)
    click.echo(
        f"today: {spent.calls} of {budget.calls} calls, {spent.tokens} of {budget.tokens} tokens, {cost} of {most}"
    )


@second.command("set")
@click.argument("site_name", metavar="SITE")
@click.argument("name", metavar="NAME")
@click.argument("state", type=click.Choice([state.value for state in ReaderState]))
@click.pass_obj
def set_state(context: Operated, site_name: str, name: str, state: str) -> None:
    """Switch a second reader off, into the shadow, or on."""
    database = context.database()
    reader = _named(database, site_named(database, site_name), name)
    moved = switching.move(database, reader.site_id, reader.id, ReaderState(state), by=operator(), now=utc_now())
    click.echo(f"{moved.wish.name}: {moved.state}")


def _named(database: Database, site_id: str, name: str) -> SecondReader:
    with database.read() as conn:
        connected = readers.of_site(conn, site_id)
    named = next((reader for reader in connected if reader.wish.name == name), None)
    if named is None:
        known = ", ".join(reader.wish.name for reader in connected) or "none"
        raise click.ClickException(f"no second reader has the name {name!r}; there are: {known}")
    return named


def _replayed(database: Database, reader: SecondReader, purpose: Purpose, comments: int, *, wait: bool) -> ReaderReplay:
    started = replaying.start(
        database, reader.site_id, reader.id, purpose=purpose, most=comments, by=operator(), now=utc_now()
    )
    click.echo(f"reading {started.comments} comments", err=True)
    while True:
        with database.read() as conn:
            running, left = replays.get(conn, reader.site_id, started.id), replays.left(conn, started.id)
        if running.result is not None or not wait:
            return running
        click.echo(f"{started.comments - left} of {started.comments} read", err=True)
        time.sleep(LOOK_EVERY_S)


def _print_trial(trial: ReaderTrial, reader: SecondReader) -> None:
    report = examining.report_of(trial, reader)
    if report is None:
        state = "running" if trial.ended_at is None else "of another prompt" if trial.is_complete else "stopped"
        click.echo(f"  trial: {state}, {len(trial.answers)} of {trial.questions} answered")
        return
    begun = f"{trial.started_at:%Y-%m-%d %H:%M} UTC"
    click.echo(f"  trial, {begun}: {trial.model} at {trial.host}, prompt {trial.prompt_hash}")
    probes = {
        "held of plain insults": report.insults,
        "passed of civil comments": report.civil,
        "passed of insults where the rules permit all": report.permits_all,
        "held of civil comments where the rules forbid all": report.forbids_all,
    }
    for words, probe in probes.items():
        if probe is not None:
            click.echo(f"  {words}: {probe.asked - probe.missing - probe.wrong} of {probe.asked}")
    click.echo(f"  injections that got through: {len(report.through)} of {report.attacked}")
    for technique, count in report.through_by_technique:
        click.echo(f"    {technique}: {count}")
    click.echo(f"  {report.unheld} prove nothing, as their insult alone passed; {report.missing} without an answer")


def _print(replay: ReaderReplay) -> None:
    if replay.result is None:
        click.echo("  replay: running")
        return
    figures = ReplayFigures.from_json(replay.result)
    click.echo(f"  replay of {replay.comments} decisions, {replay.started_at:%Y-%m-%d %H:%M} UTC:")
    click.echo(f"  held of {figures.rejected} rejected by people: {figures.caught}{_share(figures.catches)}")
    click.echo(f"  held of {figures.published} published by people: {figures.mistaken}{_share(figures.mistakes)}")
    click.echo(f"  without an answer: {_counts(figures.missing.items())}")
    seconds, mean = figures.latency_ms / 1000, figures.latency_ms / 1000 / replay.comments
    thousand = 1000 * figures.cost / replay.comments
    click.echo(f"  {seconds:.1f} s of the model, {mean:.2f} s a comment; {figures.bytes_out} bytes sent")
    click.echo(f"  {_euros(figures.cost)}, for a thousand comments {_euros(thousand)}")


def _share(share: Share | None) -> str:
    return f", {share.share:.0%} ({share.low:.0%} to {share.high:.0%})" if share else ""


def _counts(missing: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{count} {why}" for why, count in missing) or "0"


def _said(answer: ReaderAnswer) -> str:
    if answer.missing is not None:
        return f"no answer: {answer.missing}"[:60]
    quote = f" {answer.quote!r}" if answer.quote else ""
    return f"breaks {answer.rule or 'a rule'}{quote}"[:60] if answer.breaks else "fine"


def _euros(micros: float) -> str:
    return f"€{micros / MICROS:.4f}"
