"""Comments per second of each engine and batch size, beside ``Detoxify.predict``, all in one run.

Rounds are interleaved, so a busy machine slows all alike; compare the ratios in the last column.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

from bench.options import Option
from bench.report import Result, tell
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.engines.onnx import OnnxEngine, packed
from workers.scoring.engines.table_engine import TableEngine
from workers.scoring.engines.torch_engine import TorchEngine, load_detoxify
from workers.scoring.engines.weights import BUNDLED, BUNDLED_MULTILINGUAL, Places, Weights, find_source
from workers.scoring.loading import find_export

CASES = Path(__file__).parent.parent / "tests" / "development" / "cases"
BATCH_TOKENS = (64, 128, 256, 512, 1024, 2048)
REFERENCE = "Detoxify.predict, one by one"

Run = Callable[[Sequence[str]], object]


@dataclass(frozen=True, slots=True)
class Plan:
    model: Annotated[str, Option("bundled, or a checkpoint's folder")] = BUNDLED
    texts: Annotated[int, Option()] = 200
    rounds: Annotated[int, Option()] = 5
    threads: Annotated[int, Option()] = 1


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
    """Detoxify as people use it, Detoxify packed by tokens, the export at each batch size, and the encoder of other
    languages."""
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
    toxicity = Toxicity(OnnxEngine(weights, threads=threads), weights)
    yield Contender("onnx int8 by default, with calibration and n-grams", toxicity.probabilities)
    others = Weights.read(BUNDLED_MULTILINGUAL, places.models / "multilingual")
    yield Contender("the encoder of other languages, by default", _whole(TableEngine(others, threads=threads)))


def measure(plan: Plan) -> Result:
    """Runs texts that Detoxify does not cut, from the development suite, through every contender once per round."""
    places = Places.of(None, None)
    engine = OnnxEngine(find_export(plan.model, places))
    texts = sample(plan.texts, engine.max_tokens, engine)
    lengths = [len(e.ids) for e in engine.encode(texts)]
    batches = sum(1 for _ in packed(lengths, engine.batch_tokens))
    found = rates(list(contenders(plan.model, places, plan.threads)), texts, plan.rounds)
    seconds, peak_mib = start_up([plan.model])
    lines = (
        f"{plan.model}: {len(texts)} texts of {statistics.mean(lengths):.0f} tokens on average, {plan.rounds} rounds, "
        f"threads {plan.threads}; {batches} batches of {engine.batch_tokens} tokens by default",
        f"a fresh process has its first comment scored after {seconds:.2f} s; its memory peaks at {peak_mib:.0f} MiB",
    )
    rows = [[m.name, f"{m.per_second:.0f}", f"{m.ratio:.2f}"] for m in found]
    values = {"plan": asdict(plan), "engines": [asdict(m) for m in found], "start_s": seconds, "peak_mib": peak_mib}
    return Result("engines", ("engine", "texts/s", "ratio"), rows, lines, values)


def rates(chosen: Sequence[Contender], texts: Sequence[str], rounds: int) -> list[Measured]:
    """Runs every contender once per round, over the same texts."""
    seconds: dict[str, list[float]] = {c.name: [] for c in chosen}
    for c in chosen:
        c.run(texts[:16])  # first calls allocate
    for number in range(rounds):
        tell(f"round {number + 1} of {rounds}")
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
        "import re, sys; from workers.scoring.scorable import Scorable; from workers.scoring.scorer import Scorer\n"
        "Scorer.load(toxicity_model=sys.argv[1]).score([Scorable('A comment', title='A title')])\n"
        "peak = re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())\n"
        "print(time.perf_counter() - t, int(peak[1]) / 1024)"
    )
    run = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    seconds, megabytes = run.stdout.split()
    return float(seconds), float(megabytes)


def sample(count: int, max_tokens: int, engine: OnnxEngine) -> list[str]:
    """Texts of the development suite that Detoxify does not cut, mixed in length."""
    texts = development_texts()
    whole = [t for t, e in zip(texts, engine.encode(texts), strict=True) if len(e.ids) <= max_tokens]
    return whole[:: max(1, len(whole) // count)][:count]


def development_texts() -> list[str]:
    """All texts of the development suite, in the order of its files."""
    lines = [line for file in sorted(CASES.glob("*.jsonl")) for line in file.read_text("utf-8").splitlines()]
    return [json.loads(line)["text"] for line in lines]


def _whole(engine: OnnxEngine | TorchEngine | TableEngine) -> Run:
    def run(texts: Sequence[str]) -> None:
        engine.probabilities(texts, engine.encode(texts))

    return run


def _in_counts(detoxify: Any, size: int) -> Run:
    """Detoxify takes a text or a list of them."""

    def run(texts: Sequence[str]) -> None:
        for start in range(0, len(texts), size):
            detoxify.predict(texts[start] if size == 1 else list(texts[start : start + size]))

    return run
