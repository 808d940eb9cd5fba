"""``python -m bench NAME``: measures something on this machine while it is otherwise idle, in bounded time.

Progress goes to standard error, a Markdown table to standard output, and every number to a JSON file in ``--out``.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench import (
    OUT,
    Plan,
    Result,
    add_options,
    backlog,
    campaigns,
    hostile,
    keep,
    memory,
    pipeline,
    plan_from,
    recovery,
    scaling,
    tell,
)
from bench.learning import house, importing, large_archive, promises
from bench.million import million
from bench.mutants import mutants
from bench.pages import open_pages, reading
from bench.posting import checks, latency, posts
from bench.soak import soak

Options = argparse.Namespace


@dataclass(frozen=True, slots=True)
class Measurement:
    says: str
    add_options: Callable[[argparse.ArgumentParser], None]
    run: Callable[[Options], Result]
    takes_long: bool = False  # run only when it is named

    @classmethod
    def of(
        cls, says: str, plan: type[Plan], measure: Callable[[Plan], Result], *, takes_long: bool = False
    ) -> Measurement:
        return cls(says, partial(add_options, plan=plan), lambda given: measure(plan_from(given, plan)), takes_long)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, epilog="Without a name: all but the long ones, as they come."
    )
    names = parser.add_subparsers(dest="name", metavar="NAME")
    for name, measurement in MEASUREMENTS.items():
        own = names.add_parser(name, help=measurement.says, description=measurement.says)
        own.add_argument("--out", type=Path, default=OUT, help="folder for what it leaves (default: %(default)s)")
        measurement.add_options(own)
    options = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything that was started ends
    if options.name is not None:
        return _run(options)
    quick = [name for name, measurement in MEASUREMENTS.items() if not measurement.takes_long]
    return max(_run(parser.parse_args([name])) for name in quick)


def _run(options: Options) -> int:
    tell(f"{options.name} begins")
    result = MEASUREMENTS[options.name].run(options)
    tell(f"{options.name} is done: {keep(result, options.out)}")
    return 1 if result.failed else 0


def _no_options(parser: argparse.ArgumentParser) -> None:  # noqa: ARG001
    return


def _soak_options(parser: argparse.ArgumentParser) -> None:
    add_options(parser, soak.Plan)


def _soak(options: Options) -> Result:
    return soak.measure(plan_from(options, soak.Plan), options.out)


MEASUREMENTS: dict[str, Measurement] = {
    "pipeline": Measurement.of(
        "one worker beside the textbook design, the scorers alone and the encoder alone, by mix",
        pipeline.Plan,
        pipeline.measure,
    ),
    "memory": Measurement.of(
        "memory of one and of four workers, their start, and their models on the disk",
        memory.Plan,
        memory.measure,
    ),
    "posts": Measurement.of("how fast comments are accepted, flat out and at a steady rate", posts.Plan, posts.measure),
    "latency": Measurement.of("from POST to decision", latency.Plan, latency.measure),
    "checks": Measurement.of(
        "texts scored without being stored: delays, alone and under load", checks.Plan, checks.measure
    ),
    "scaling": Measurement.of("comments per second by workers and database", scaling.Plan, scaling.measure),
    "draining": Measurement.of(
        "how long a backlog of imports takes, and how long readers wait beside it",
        scaling.BacklogPlan,
        scaling.measure_draining,
    ),
    "backlog": Measurement.of(
        "how long a site's readers wait beside floods at others, and what is read before their comments",
        backlog.Plan,
        backlog.measure,
        takes_long=True,
    ),
    "recovery": Measurement.of("how long failures are felt", recovery.Plan, recovery.measure),
    "hostile": Measurement(
        "each step of reading outside the encoder, on texts made to be slow", _no_options, lambda _: hostile.measure()
    ),
    "house": Measurement.of("a house model on decided archives", house.Plan, house.measure, takes_long=True),
    "learning": Measurement.of(
        "learning from 50,000 decisions", large_archive.Plan, large_archive.measure, takes_long=True
    ),
    "importing": Measurement.of(
        "how fast an archive comes in, and the most memory",
        importing.Plan,
        importing.measure,
        takes_long=True,
    ),
    "promises": Measurement.of(
        "limits for a target at simulated sites: how many are offered, and kept",
        promises.Plan,
        promises.measure,
        takes_long=True,
    ),
    "soak": Measurement(
        "an hour at a share of capacity: what grows, what is lost", _soak_options, _soak, takes_long=True
    ),
    "campaigns": Measurement.of(
        "a campaign's last copy beside its first, its page, one decision",
        campaigns.Plan,
        campaigns.measure,
        takes_long=True,
    ),
    "million": Measurement.of(
        "each call and page with many comments beside few", million.Plan, million.measure, takes_long=True
    ),
    "mutants": Measurement.of(
        "how many harmful changes the trial stops, and how many harmless ones",
        mutants.Plan,
        mutants.measure,
        takes_long=True,
    ),
    "pages": Measurement.of(
        "what a page asks for, of a discussion of 100,000 comments",
        reading.Plan,
        reading.measure,
        takes_long=True,
    ),
    "open_pages": Measurement.of(
        "thousands of open pages on one web process", open_pages.OpenPlan, open_pages.measure_open, takes_long=True
    ),
}


if __name__ == "__main__":
    sys.exit(main())
