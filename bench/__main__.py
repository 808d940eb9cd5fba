"""``python -m bench NAME``: measures something on this machine while it is otherwise idle, in bounded time.

Progress goes to standard error, a Markdown table to standard output, and every number to a JSON file in ``--out``.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import (
    campaigns,
    checks,
    demo,
    engines,
    hostile,
    house,
    importing,
    latency,
    learning,
    memory,
    million,
    parts,
    pipeline,
    policy,
    posts,
    precedents,
    scaling,
    soak,
    soak_report,
)
from bench.databases import Kind
from bench.report import OUT, Result, keep, tell
from moderation.learning.examples import MOST_DECIDED

Options = argparse.Namespace


@dataclass(frozen=True, slots=True)
class Measurement:
    says: str
    add_options: Callable[[argparse.ArgumentParser], None]
    run: Callable[[Options], Result]
    takes_long: bool = False  # run only when it is named


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


def _on(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--database", type=Kind, choices=tuple(Kind), default=Kind.SQLITE)


def _soak(parser: argparse.ArgumentParser) -> None:
    plan = soak_report.Plan()
    _on(parser)
    parser.add_argument("--minutes", type=float, default=plan.minutes)
    parser.add_argument("--load", type=float, default=plan.load, help="share of the capacity (default: %(default)s)")
    parser.add_argument("--capacity-seconds", type=float, default=plan.capacity_s, help="how long it is measured")
    parser.add_argument("--every", type=float, default=plan.every_s, metavar="S", help="seconds between samples")
    parser.add_argument("--workers", type=int, default=plan.workers)
    parser.add_argument("--redraw", type=Path, metavar="FILE", help="only draw again from a run's .jsonl")


def _run_soak(options: Options) -> Result:
    if options.redraw is not None:
        return Result("soak-redrawn", (), (), [f"drawn: {soak_report.redraw(options.redraw)}"])
    plan = soak_report.Plan(
        minutes=options.minutes,
        load=options.load,
        capacity_s=options.capacity_seconds,
        every_s=options.every,
        kind=options.database,
        workers=options.workers,
    )
    return soak.measure(plan, options.out)


def _pipeline(parser: argparse.ArgumentParser) -> None:
    plan = pipeline.Plan()
    parser.add_argument("--comments", type=int, default=plan.comments, help="of a mix and round (default: %(default)s)")
    parser.add_argument("--textbook-comments", type=int, default=plan.textbook_comments, help="for that design")
    parser.add_argument("--rounds", type=int, default=plan.rounds)


def _engines(parser: argparse.ArgumentParser) -> None:
    plan = engines.Plan()
    parser.add_argument("--model", default=plan.model, help="bundled, or a checkpoint's folder")
    parser.add_argument("--texts", type=int, default=plan.texts)
    parser.add_argument("--rounds", type=int, default=plan.rounds)
    parser.add_argument("--threads", type=int, default=plan.threads)


def _run_engines(options: Options) -> Result:
    return engines.measure(engines.Plan(options.model, options.texts, options.rounds, options.threads))


def _memory(parser: argparse.ArgumentParser) -> None:
    plan = memory.Plan()
    parser.add_argument("--workers", type=int, nargs="+", default=plan.workers, metavar="N")
    parser.add_argument("--comments", type=int, default=plan.comments, help="for each worker (default: %(default)s)")


def _posts(parser: argparse.ArgumentParser) -> None:
    plan = posts.Plan()
    _on(parser)
    parser.add_argument("--rate", type=float, default=plan.rate, help="POSTs a second (default: %(default)s)")
    parser.add_argument("--connections", type=int, default=plan.connections)
    parser.add_argument("--seconds", type=float, default=plan.seconds, help="of a round (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=plan.rounds)


def _run_posts(options: Options) -> Result:
    return posts.measure(
        posts.Plan(options.rate, options.connections, options.seconds, options.rounds, options.database)
    )


def _checks(parser: argparse.ArgumentParser) -> None:
    plan = checks.Plan()
    _on(parser)
    parser.add_argument("--rate", type=float, default=plan.rate, help="checks a second (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=plan.seconds, help="of a round (default: %(default)s)")
    parser.add_argument("--comments", type=int, default=plan.backlog, help="of the backlog (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=plan.workers)


def _run_checks(options: Options) -> Result:
    return checks.measure(
        checks.Plan(
            rate=options.rate,
            seconds=options.seconds,
            backlog=options.comments,
            workers=options.workers,
            kind=options.database,
        )
    )


def _latency(parser: argparse.ArgumentParser) -> None:
    _on(parser)
    parser.add_argument("--comments", type=int, default=latency.Plan().comments)
    parser.add_argument("--rate", type=float, default=latency.Plan().rate, help="a second (default: %(default)s)")


def _scaling(parser: argparse.ArgumentParser) -> None:
    plan = scaling.ScalingPlan()
    parser.add_argument("--workers", type=int, nargs="+", default=plan.fleets, metavar="N")
    parser.add_argument("--comments", type=int, default=plan.comments, help="for each fleet (default: %(default)s)")
    parser.add_argument("--databases", type=Kind, nargs="+", choices=tuple(Kind), default=plan.kinds)


def _run_scaling(options: Options) -> Result:
    return scaling.measure_scaling(
        scaling.ScalingPlan(tuple(options.workers), options.comments, tuple(options.databases))
    )


def _backlog(parser: argparse.ArgumentParser) -> None:
    plan = scaling.BacklogPlan()
    _on(parser)
    parser.add_argument("--comments", type=int, default=plan.comments, help="(default: %(default)s)")
    parser.add_argument("--workers", type=int, default=plan.workers)
    parser.add_argument("--within", type=float, default=plan.within_s, metavar="S", help="seconds after which it fails")


def _run_backlog(options: Options) -> Result:
    plan = scaling.BacklogPlan(options.comments, options.workers, options.database, options.within)
    return scaling.measure_backlog(plan)


def _recovery(parser: argparse.ArgumentParser) -> None:
    _on(parser)
    parser.add_argument("--comments", type=int, default=scaling.RecoveryPlan().comments)


def _million(parser: argparse.ArgumentParser) -> None:
    plan = million.Plan()
    _on(parser)
    parser.add_argument("--comments", type=int, nargs="+", default=plan.sizes, metavar="N", help="sizes to compare")
    parser.add_argument("--keep", type=Path, help="folder for the filled databases, which another run takes up again")
    parser.add_argument("--rounds", type=int, default=plan.rounds, help="times each thing is done")
    parser.add_argument("--only", default=plan.only, metavar="TEXT", help="only the calls and pages so named")


def _run_million(options: Options) -> Result:
    return million.measure(
        million.Plan(tuple(options.comments), options.database, options.rounds, options.keep, options.only)
    )


def _campaigns(parser: argparse.ArgumentParser) -> None:
    plan = campaigns.Plan()
    _on(parser)
    parser.add_argument("--copies", type=int, default=plan.copies, help="(default: %(default)s)")
    parser.add_argument("--beside", type=int, default=plan.beside, help="other comments (default: %(default)s)")


def _run_campaigns(options: Options) -> Result:
    return campaigns.measure(campaigns.Plan(options.copies, options.beside, options.database))


def _policy(parser: argparse.ArgumentParser) -> None:
    _on(parser)
    parser.add_argument("--rounds", type=int, default=policy.Plan().rounds, help="(default: %(default)s)")


def _house(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("archives", type=Path, nargs="+", help="decided comments, as JSON lines of `gavel import`")
    parser.add_argument("--newest", type=int, metavar="N", help="only so many decisions of each archive")
    parser.add_argument("--keep", type=Path, help="folder for the database, which another run takes up again")


def _run_house(options: Options) -> Result:
    return house.measure(house.Plan(tuple(options.archives), newest=options.newest, keep=options.keep))


def _learning(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("archive", type=Path, help="decided comments, as JSON lines of `gavel import`")
    parser.add_argument("--decisions", type=int, default=MOST_DECIDED, help="(default: %(default)s)")
    parser.add_argument("--keep", type=Path, help="folder for the scored archive, which another run takes up again")


def _run_learning(options: Options) -> Result:
    return learning.measure(learning.Plan(options.archive, options.decisions, options.keep))


def _importing(parser: argparse.ArgumentParser) -> None:
    plan = importing.Plan()
    parser.add_argument("--comments", type=int, default=plan.comments, help="(default: %(default)s)")
    parser.add_argument("--databases", type=Kind, nargs="+", choices=tuple(Kind), default=plan.kinds)


def _run_importing(options: Options) -> Result:
    return importing.measure(importing.Plan(options.comments, tuple(options.databases)))


def _precedents(parser: argparse.ArgumentParser) -> None:
    plan = precedents.Plan()
    parser.add_argument("--vectors", type=int, default=plan.vectors, help="(default: %(default)s)")
    parser.add_argument("--look-ups", type=int, default=plan.look_ups)
    parser.add_argument("--databases", type=Kind, nargs="+", choices=tuple(Kind), default=plan.kinds)


def _run_precedents(options: Options) -> Result:
    return precedents.measure(precedents.Plan(options.vectors, options.look_ups, tuple(options.databases)))


MEASUREMENTS: dict[str, Measurement] = {
    "pipeline": Measurement(
        "one worker beside the textbook design, the scorers alone and the encoder alone, by mix",
        _pipeline,
        lambda options: pipeline.measure(pipeline.Plan(options.comments, options.textbook_comments, options.rounds)),
    ),
    "engines": Measurement("texts per second of each engine and batch size", _engines, _run_engines),
    "parts": Measurement("each scorer's time beside the encoder", _no_options, lambda _: parts.measure(parts.Plan())),
    "memory": Measurement(
        "memory of one and of four workers, their start, and their models on the disk",
        _memory,
        lambda options: memory.measure(memory.Plan(tuple(options.workers), options.comments)),
    ),
    "posts": Measurement("how fast comments are accepted, flat out and at a steady rate", _posts, _run_posts),
    "latency": Measurement(
        "from POST to decision",
        _latency,
        lambda options: latency.measure(latency.Plan(options.comments, options.rate, options.database)),
    ),
    "checks": Measurement("texts scored without being stored: delays, alone and under load", _checks, _run_checks),
    "scaling": Measurement("comments per second by workers and database", _scaling, _run_scaling),
    "backlog": Measurement("how long a backlog takes, and what readers feel of it", _backlog, _run_backlog),
    "recovery": Measurement(
        "how long failures are felt",
        _recovery,
        lambda options: scaling.measure_recovery(scaling.RecoveryPlan(options.comments, options.database)),
    ),
    "hostile": Measurement(
        "each step of reading outside the encoder, on texts made to be slow", _no_options, lambda _: hostile.measure()
    ),
    "policy": Measurement(
        "trying changes of the policy at the desk",
        _policy,
        lambda options: policy.measure(policy.Plan(rounds=options.rounds, kind=options.database)),
    ),
    "demo": Measurement("how long the demo takes", _no_options, lambda _: demo.measure()),
    "house": Measurement("a house model on decided archives", _house, _run_house, takes_long=True),
    "learning": Measurement("learning from 50,000 decisions", _learning, _run_learning, takes_long=True),
    "importing": Measurement(
        "how fast an archive comes in, and the most memory", _importing, _run_importing, takes_long=True
    ),
    "precedents": Measurement(
        "a look-up of precedents among a site's decided comments", _precedents, _run_precedents, takes_long=True
    ),
    "soak": Measurement("an hour at a share of capacity: what grows, what is lost", _soak, _run_soak, takes_long=True),
    "campaigns": Measurement(
        "a campaign's last copy beside its first, its page, one decision", _campaigns, _run_campaigns, takes_long=True
    ),
    "million": Measurement("each call and page with many comments beside few", _million, _run_million, takes_long=True),
}


if __name__ == "__main__":
    sys.exit(main())
