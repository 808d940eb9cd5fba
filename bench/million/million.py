"""Server time of each call and page with a million comments beside a thousand, through the application itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from bench import Option, Result, in_ms, percentile, ratio, tell
from bench.million.acts import Acts
from bench.million.cases import Case, Times, time_case
from bench.million.filling import Filled, fill
from bench.million.newsroom import Newsroom
from bench.million.pages import Pages
from bench.plant import ChosenKind, Kind, clock_for, database_url, free_port
from moderation.ground.database.engine import Database
from moderation.ground.jobs.jobs import Queues, connect_for_web
from moderation.operations.composition import open_database
from moderation.operations.operating import migrating
from workers.machine import queue_server


@dataclass(frozen=True, slots=True)
class Plan:
    sizes: Annotated[tuple[int, ...], Option("sizes to compare", name="comments", metavar="N")] = (1_000, 1_000_000)
    kind: ChosenKind = Kind.SQLITE
    rounds: Annotated[int, Option("times each thing is done")] = 30
    keep: Annotated[Path | None, Option("folder for the filled databases, which another run takes up again")] = None
    # a part of the names of the cases to time; all have the empty one
    only: Annotated[str, Option("only the calls and pages so named", metavar="TEXT")] = ""


def measure(plan: Plan) -> Result:
    """Keeps a filled database in ``plan.keep`` and uses it again. Filling a million rows takes a few minutes."""
    by_size = {size: _measure_size(plan, size) for size in plan.sizes}
    sizes = [f"{size:,}" for size in plan.sizes]
    measured = ("p50 ms", "p95 ms", "processor's p50 ms", "processor's p95 ms")
    columns = ("server time", *(f"{what}, {s}" for what in measured for s in sizes), "ratio of the processor's p50")
    lines = [
        f"{plan.kind}; {' and '.join(sizes)} comments, one in ten of them flagged; pages without what they remember"
    ]
    values = {
        "plan": {**asdict(plan), "keep": str(plan.keep)},
        "seconds": {str(s): {name: asdict(times) for name, times in f.items()} for s, f in by_size.items()},
    }
    failed = [
        f"{name} with {size:,} comments" for size in plan.sizes for name, took in by_size[size].items() if not took.wall
    ]
    rows = [_row(name, by_size) for name in by_size[plan.sizes[0]] if all(of[name].wall for of in by_size.values())]
    return Result(f"million-{plan.kind}", columns, rows, lines, values, failed)


def cases(newsroom: Newsroom) -> list[Case]:
    return [*Acts(newsroom).cases(), *Pages(newsroom).cases()]


def _row(name: str, by_size: Mapping[int, Mapping[str, Times]]) -> list[str]:
    """``found`` is by size, then by the case's name."""
    times = [of[name] for of in by_size.values()]
    first, last = (percentile(took.processor, 0.5) for took in (times[0], times[-1]))
    return [
        name,
        *(in_ms(percentile(took.wall, share)) for share in (0.5, 0.95) for took in times),
        *(in_ms(percentile(took.processor, share)) for share in (0.5, 0.95) for took in times),
        ratio(last, first),
    ]


def _measure_size(plan: Plan, size: int) -> dict[str, Times]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="gavel-million-", ignore_cleanup_errors=True)))
        kept = plan.keep / f"{plan.kind}-{size}" if plan.keep else folder / "database"
        database = open_database(stack.enter_context(database_url(plan.kind, kept)))
        stack.callback(database.close)
        filled = _filled(database, kept, size)
        server = queue_server.start(folder / "queue", free_port())
        stack.callback(server.stop)
        newsroom = Newsroom(database, Queues(connect_for_web(server.url)), filled)
        clock = clock_for(database)
        asked = [case for case in cases(newsroom) if plan.only in case.name]
        return {case.name: time_case(case, plan.rounds, size, clock) for case in asked}


def _filled(database: Database, folder: Path, size: int) -> Filled:
    note = folder / f"filled-{size}.json"
    if note.exists():
        said = json.loads(note.read_text())
        tell(f"taking up {size:,} comments that are there")
        migrating.upgrade(database)
        return Filled(**{**said, "site_ids": tuple(said["site_ids"]), "moderators": tuple(said["moderators"])})
    tell(f"filling in {size:,} comments")
    filled = fill(database, size)
    tell(f"filled in {filled.seconds:.0f} s")
    note.write_text(json.dumps(asdict(filled)))
    return filled
