"""The import of an archive by the command: how fast it is, and the most memory that it takes."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

from bench import Option, Result, tell
from bench.plant import ROOT, ChosenKinds, Kind, database_url, sample_sentences
from moderation.operations.composition import open_database
from moderation.operations.operating import migrating
from moderation.sites import sites
from moderation.sites.audit import actors

REJECTED, REPLIES, LINKED = 0.15, 0.3, 0.02  # shares
PER_ARTICLE, PER_AUTHOR = 100, 20  # comments
YEARS = timedelta(days=5 * 365)
LATEST = datetime(2026, 1, 1, tzinfo=UTC)
LOOK_S = 0.2


@dataclass(frozen=True, slots=True)
class Ran:
    """One run of a command in a process of its own. Memory is the most that the process held at once."""

    seconds: float
    processor_s: float
    peak_mib: float


def write_archive(path: Path, count: int, *, seed: int = 3) -> None:
    """JSON lines, oldest first."""
    dice, sentences = random.Random(seed), sample_sentences()
    with path.open("w", encoding="utf-8") as lines:
        for number in range(count):
            article = number // PER_ARTICLE
            text = " ".join(dice.choices(sentences, k=1 + int(dice.expovariate(0.8))))
            if dice.random() < LINKED:
                text += f" https://shop-{dice.randrange(500)}.example/{number}"
            has_parent = number % PER_ARTICLE and dice.random() < REPLIES
            comment = {
                "id": f"c-{number}",
                "article": {"id": f"a-{article}", "title": f"Council news {article}", "section": "Local"},
                "author": {"id": f"u-{int(count / PER_AUTHOR * dice.random() ** 3)}"},
                "text": f"{text} Thus n{number}.",
                "posted_at": (LATEST - YEARS * (1 - number / count)).isoformat(),
                "status": "rejected" if dice.random() < REJECTED else "published",
                "parent_id": f"c-{number - 1}" if has_parent else None,
                "language": "en",
            }
            lines.write(json.dumps(comment) + "\n")


def bring_in(archive: Path, site: str, url: str) -> Ran:
    """Imports it. Raises CalledProcessError if the command fails."""
    return run(("service", "import", str(archive.absolute()), "--site", site, "--format", "jsonl"), url)


def run(module_and_arguments: Sequence[str], url: str, *, fine: Collection[int] = (0,)) -> Ran:
    """Raises CalledProcessError for an exit status that is not ``fine``."""
    command = [sys.executable, "-m", *module_and_arguments]
    environ = {**os.environ, "DATABASE_URL": url}
    started, before = time.perf_counter(), _children_s()
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL)
    peak = 0.0
    while process.poll() is None:
        peak = _peak_mib(process.pid) or peak
        time.sleep(LOOK_S)
    if process.returncode not in fine:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Ran(time.perf_counter() - started, _children_s() - before, peak)


def _children_s() -> float:
    spent = os.times()
    return spent.children_user + spent.children_system


def _peak_mib(pid: int) -> float | None:
    """None where the process has just ended."""
    try:
        match = re.search(r"^VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(match[1]) / 1024 if match else None


COLUMNS = ("database", "archive", "comments", "comments/s", "comments/s of a processor", "peak MiB")
SITE = "The Herald"


@dataclass(frozen=True, slots=True)
class Plan:
    comments: Annotated[int, Option("(default: %(default)s)")] = 100_000
    kinds: ChosenKinds = tuple(Kind)


def measure(plan: Plan) -> Result:
    rows, values = list[tuple[str, ...]](), dict[str, object]()
    with tempfile.TemporaryDirectory(prefix="gavel-bench-") as folder:
        archive = Path(folder) / "archive.jsonl"
        write_archive(archive, plan.comments)
        for kind in plan.kinds:
            for name, run in _both(archive, kind).items():
                rates = (plan.comments / run.seconds, plan.comments / run.processor_s)
                numbers = (*(f"{rate:,.0f}" for rate in rates), f"{run.peak_mib:.0f}")
                rows.append((kind.value, name, f"{plan.comments:,}", *numbers))
                values[f"{kind.value} {name}"] = asdict(run)
    return Result("importing", COLUMNS, rows, values=values)


def _both(archive: Path, kind: Kind) -> dict[str, Ran]:
    runs = {}
    with database_url(kind) as url, closing(open_database(url)) as database:
        migrating.upgrade(database)
        sites.create_site(database, SITE, by=actors.operator("bench"), now=datetime.now(UTC))
        for name in ("new", "again"):
            tell(f"{kind.value}: the archive, {name}")
            runs[name] = bring_in(archive, SITE, url)
    return runs
