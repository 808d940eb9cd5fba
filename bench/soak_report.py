"""A soak's plan, samples and results: a line for each sample, slopes, a table and a picture."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, TextIO

from bench.census import Held
from bench.chart import Panel, svg
from bench.databases import ChosenKind, Kind
from bench.figures import Slope, percentile, slope
from bench.options import Option
from bench.report import Result
from bench.soak_checks import Checks

SETTLING_SHARE = 0.1  # of the time, left out of the slopes: caches fill, allocators find their size


@dataclass(frozen=True, slots=True)
class Plan:
    minutes: Annotated[float, Option()] = 60
    load: Annotated[float, Option("share of the capacity (default: %(default)s)")] = 0.7
    capacity_s: Annotated[float, Option("how long it is measured", name="capacity_seconds")] = 60
    every_s: Annotated[float, Option("seconds between samples", name="every", metavar="S")] = 10
    kind: ChosenKind = Kind.SQLITE
    workers: Annotated[int, Option()] = 1


@dataclass(frozen=True, slots=True)
class Sample:
    """The state at a moment, and the delays since the previous sample: seconds, 0 if there were none."""

    minute: float
    processes: dict[str, Held]
    depths: dict[str, int]
    waiting: int
    oldest_s: float
    posted: int
    post_p50_s: float
    post_p95_s: float
    decided: int
    decision_p50_s: float  # from arrival to decision
    decision_p95_s: float


def result(plan: Plan, capacity: float, samples: list[Sample], checks: Checks, counted: dict[str, Any]) -> Result:
    trends = {name: trend(samples, name) for name in names(samples)}
    rows = [[name, *row_of(samples, name, found)] for name, found in trends.items()]
    worst = max((s.decision_p95_s for s in samples), default=0.0)
    lines = [
        f"capacity {capacity:.0f} comments/s; {plan.minutes:g} minutes at {plan.load:.0%} of it, {plan.kind}",
        f"most that waited at a sample: {max((s.waiting for s in samples), default=0)}, "
        f"oldest {max((s.oldest_s for s in samples), default=0):.1f} s",
        f"from arrival to decision: median of the samples' p95 "
        f"{percentile(sorted(s.decision_p95_s for s in samples), 0.5) * 1000:.0f} ms, worst {worst * 1000:.0f} ms",
        f"counted: {counted}",
        f"checked: {checks.comments:,} comments, {checks.decisions:,} decisions, {checks.events:,} events of the feed",
    ]
    values = {"plan": asdict(plan), "capacity": capacity, "checks": asdict(checks), "counted": counted}
    values["slopes_kib_per_minute"] = {n: asdict(t) if t else None for n, t in trends.items()}
    columns = ("process", "first MiB", "last MiB", "KiB/min", "± error", "descriptors", "threads")
    return Result(f"soak-{plan.kind}", columns, rows, lines, values, checks.failures())


def trend(samples: list[Sample], name: str) -> Slope | None:
    settled = [s for s in samples[int(len(samples) * SETTLING_SHARE) :] if name in s.processes]
    return slope([s.minute for s in settled], [s.processes[name].memory_kib for s in settled])


def row_of(samples: list[Sample], name: str, found: Slope | None) -> list[str]:
    held = [s.processes[name] for s in samples if name in s.processes]
    fds, threads = [h.descriptors for h in held], [h.threads for h in held]
    return [
        f"{held[0].memory_kib / 1024:.0f}",
        f"{held[-1].memory_kib / 1024:.0f}",
        f"{found.per_unit:+.1f}" if found else "–",
        f"{found.error:.1f}" if found else "–",
        f"{min(fds)}–{max(fds)}",
        f"{min(threads)}–{max(threads)}",
    ]


def names(samples: list[Sample]) -> list[str]:
    return sorted({name for s in samples for name in s.processes})


def title(plan: Plan, rate: float) -> str:
    return f"{plan.minutes:g} minutes at {rate:.0f} comments a second, {plan.load:.0%} of capacity, on {plan.kind}"


def draw(samples: list[Sample], said: str) -> str:
    every = names(samples)

    def over_time(pick: str, divisor: float = 1) -> dict[str, list[tuple[float, float]]]:
        return {
            name: [(s.minute, getattr(s.processes[name], pick) / divisor) for s in samples if name in s.processes]
            for name in every
        }

    felt = {
        "p50": [(s.minute, s.decision_p50_s * 1000) for s in samples if s.decided],
        "p95": [(s.minute, s.decision_p95_s * 1000) for s in samples if s.decided],
    }
    panels = [
        Panel("Memory, MiB (proportional share)", over_time("memory_kib", 1024)),
        Panel("Open descriptors", over_time("descriptors")),
        Panel("From arrival to decision, ms", felt),
        Panel("Comments waiting", {"waiting": [(s.minute, float(s.waiting)) for s in samples]}),
    ]
    return svg(said, panels)


def redraw(path: Path) -> Path:
    """Draws a run from its lines, also one that was cut off. Returns the picture's path."""
    said = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    plan = Plan(**{k: v for k, v in said[0]["plan"].items() if k != "at"})
    rate = next((line["capacity"]["rate"] for line in said if "capacity" in line), 0.0)
    samples = [sample_from(line["sample"]) for line in said if "sample" in line]
    drawn = path.with_suffix(".svg")
    drawn.write_text(draw(samples, title(plan, rate)), encoding="utf-8")
    return drawn


def sample_from(said: dict[str, Any]) -> Sample:
    return Sample(**{**said, "processes": {name: Held(**held) for name, held in said["processes"].items()}})


def write(lines: TextIO, kind: str, said: dict[str, Any]) -> None:
    print(json.dumps({kind: said}), file=lines, flush=True)
