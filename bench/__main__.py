"""``python -m bench [NAME…]``: measures and prints ratios, in minutes on two idle cores."""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable

from bench import latency, pipeline, posts, scaling
from bench.plant import ROOT, free_port


def measure_pipeline() -> list[str]:
    ours, textbook, model = pipeline.pipeline_rate(), pipeline.textbook_rate(), pipeline.model_rate()
    return [
        f"one worker of this pipeline: {ours:.0f} comments/s",
        f"the textbook design: {textbook:.0f} comments/s, so this is {ours / textbook:.1f} times as fast",
        f"the scorers alone in batches: {model:.0f} comments/s, of which the pipeline keeps {ours / model:.0%}",
    ]


def measure_posts() -> list[str]:
    bare, ours = posts.measure()
    refused = sum((load.refused for load in ours), Counter[int]())
    return [
        f"bare endpoint: {posts.rate(bare):.0f} POST/s, p95 {bare[-1].percentile(0.95) * 1000:.0f} ms",
        f"this service: {posts.rate(ours):.0f} POST/s, p95 {ours[-1].percentile(0.95) * 1000:.0f} ms",
        f"refused, by status: {dict(refused) or 'none'}",
        f"the service takes {posts.rate(ours) / posts.rate(bare):.0%} of the bare endpoint's rate",
    ]


def measure_latency() -> list[str]:
    waited, asked = latency.measure(prefer_wait=True), latency.measure(prefer_wait=False)
    return [
        f"Prefer: wait: p50 {waited.p50 * 1000:.0f} ms, p95 {waited.p95 * 1000:.0f} ms from POST to decision",
        f"asking every 5 ms: p50 {asked.p50 * 1000:.0f} ms, p95 {asked.p95 * 1000:.0f} ms",
    ]


def measure_scaling() -> list[str]:
    """Throughput by workers on each database: as many as there are cores add up, more do not."""
    rates = {
        "SQLite": [scaling.throughput(workers) for workers in scaling.FLEETS],
        "PostgreSQL": [scaling.throughput_on_postgres(workers) for workers in scaling.FLEETS],
    }
    return [
        f"{name}: " + ", ".join(f"{n} workers {rate:.0f}/s" for n, rate in zip(scaling.FLEETS, found, strict=True))
        for name, found in rates.items()
    ]


def measure_backlog() -> list[str]:
    drained = scaling.drain(workers=2)
    return [
        f"{scaling.BACKLOG:,} comments drained by 2 workers in {drained.seconds:.0f} s",
        f"live comments meanwhile: p50 {drained.percentile(0.5) * 1000:.0f} ms, "
        f"p95 {drained.percentile(0.95) * 1000:.0f} ms from arrival to decision",
        f"the larger worker holds {drained.worker_mib:.0f} MiB",
    ]


def measure_recovery() -> list[str]:
    return [
        f"worker killed amid a batch: all decided after {scaling.recovery_from_a_killed_worker():.1f} s",
        f"queue server back without data: all decided after {scaling.recovery_from_an_empty_queue():.1f} s",
    ]


def measure_demo() -> list[str]:
    """Wall time with the packages installed, and the largest resident size of any process of it."""
    with tempfile.TemporaryDirectory(prefix="gavel-bench-") as home:
        ports = {"PORT": str(free_port()), "NEWSROOM_PORT": str(free_port()), "GAVEL_HOME": home}
        started = time.perf_counter()
        command = ["bash", "run.sh", "demo", "--exit"]
        subprocess.run(command, cwd=ROOT, check=True, env={**os.environ, **ports}, stdout=subprocess.DEVNULL)
        took = time.perf_counter() - started
    peak_mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return [f"demo --exit: {took:.0f} s, its largest process {peak_mib:.0f} MiB"]


MEASUREMENTS: dict[str, Callable[[], list[str]]] = {
    "pipeline": measure_pipeline,
    "posts": measure_posts,
    "latency": measure_latency,
    "scaling": measure_scaling,
    "backlog": measure_backlog,
    "recovery": measure_recovery,
    "demo": measure_demo,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("what", nargs="*", choices=[*MEASUREMENTS, []], help="all of them when none is named")
    for name in parser.parse_args().what or MEASUREMENTS:
        print(f"== {name}", flush=True)
        for line in MEASUREMENTS[name]():
            print(f"   {line}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
