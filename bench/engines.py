"""Comments per second of each engine and batch size, beside ``Detoxify.predict``, all in one run.

Rounds are interleaved, so a busy machine slows all alike; what counts is the ratio in the last column.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workers.engines import OnnxEngine, packed
from workers.torch_engine import TorchEngine, load_detoxify
from workers.weights import BUNDLED, Places, find_export, find_source

CASES = Path(__file__).parent.parent / "tests" / "functional" / "cases"
BATCH_TOKENS = (64, 128, 256, 512, 1024, 2048)
REFERENCE = "Detoxify.predict, one by one"

Run = Callable[[Sequence[str]], None]


@dataclass(frozen=True, slots=True)
class Contender:
    name: str
    run: Run


@dataclass(frozen=True, slots=True)
class Measured:
    name: str
    per_second: float  # median over rounds
    ratio: float  # median over rounds of the ratio to the reference in the same round


def contenders(model: str, places: Places, threads: int) -> Iterator[Contender]:
    """Detoxify as people use it, Detoxify packed by tokens, and the export at each batch size."""
    import torch  # noqa: PLC0415

    torch.set_num_threads(threads)
    source = find_source(model, places)
    detoxify = load_detoxify(model, source)
    yield Contender(REFERENCE, _in_counts(detoxify, 1))
    for size in (8, 32):
        yield Contender(f"Detoxify.predict, {size} at once", _in_counts(detoxify, size))
    reference = TorchEngine.load(model, source, threads=threads)
    yield Contender(f"torch engine, {reference.batch_tokens} tokens", _whole(reference))
    weights = find_export(model, places)
    for tokens in BATCH_TOKENS:
        engine = OnnxEngine(weights, threads=threads, batch_tokens=tokens)
        yield Contender(f"onnx int8, {tokens} tokens", _whole(engine))


def measure(chosen: Sequence[Contender], texts: Sequence[str], rounds: int) -> list[Measured]:
    """Every contender once per round, over the same texts."""
    seconds: dict[str, list[float]] = {c.name: [] for c in chosen}
    for c in chosen:
        c.run(texts[:16])  # first calls allocate
    for _ in range(rounds):
        for c in chosen:
            started = time.perf_counter()
            c.run(texts)
            seconds[c.name].append(time.perf_counter() - started)
    reference = seconds[REFERENCE]
    return [
        Measured(
            name,
            statistics.median(len(texts) / s for s in spent),
            statistics.median(r / s for r, s in zip(reference, spent, strict=True)),
        )
        for name, spent in seconds.items()
    ]


def start_up(arguments: Sequence[str] = ()) -> tuple[float, float]:
    """Seconds until a fresh process has scored one comment with every model, and its peak memory in MiB (on Linux)."""
    program = (
        "import time; t = time.perf_counter()\n"
        "import re, sys; from workers.scoring import Scorable, Scorer\n"
        "Scorer.load(toxicity_model=sys.argv[1]).score([Scorable('A comment', title='A title')])\n"
        "peak = re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())\n"
        "print(time.perf_counter() - t, int(peak[1]) / 1024)"
    )
    run = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    seconds, megabytes = run.stdout.split()
    return float(seconds), float(megabytes)


def sample(count: int, max_tokens: int, engine: OnnxEngine) -> list[str]:
    """Texts of the functional suite that Detoxify does not cut, mixed in length."""
    lines = [line for file in sorted(CASES.glob("*.jsonl")) for line in file.read_text("utf-8").splitlines()]
    texts = [json.loads(line)["text"] for line in lines]
    whole = [t for t, e in zip(texts, engine.encode(texts), strict=True) if len(e.ids) <= max_tokens]
    return whole[:: max(1, len(whole) // count)][:count]


def _whole(engine: OnnxEngine | TorchEngine) -> Run:
    def run(texts: Sequence[str]) -> None:
        engine.probabilities(texts, engine.encode(texts))

    return run


def _in_counts(detoxify: Any, size: int) -> Run:
    """Detoxify takes a text or a list of them."""

    def run(texts: Sequence[str]) -> None:
        for start in range(0, len(texts), size):
            detoxify.predict(texts[start] if size == 1 else list(texts[start : start + size]))

    return run


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.engines", description=__doc__)
    parser.add_argument("--model", default=BUNDLED, help="bundled, or a checkpoint's folder")
    parser.add_argument("--texts", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    places = Places.of(None, None)
    engine = OnnxEngine(find_export(given.model, places))
    texts = sample(given.texts, engine.max_tokens, engine)
    lengths = [len(e.ids) for e in engine.encode(texts)]
    print(f"{len(texts)} texts of {statistics.mean(lengths):.0f} tokens on average, threads {given.threads}")
    print(
        f"{sum(1 for _ in packed(lengths, engine.batch_tokens))} batches at the default of {engine.batch_tokens} tokens"
    )
    for m in measure(list(contenders(given.model, places, given.threads)), texts, given.rounds):
        print(f"{m.name:<32} {m.per_second:8.0f}/s   x{m.ratio:.2f}", flush=True)
    seconds, megabytes = start_up([given.model])
    print(f"a fresh process scores its first comment after {seconds:.2f} s; peak memory {megabytes:.0f} MiB")


if __name__ == "__main__":
    main()
