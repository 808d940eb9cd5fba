"""A house model on decided archives: imported by the command, learnt on the older part and judged on the rest; its cost
beside the encoder's; learning from as many decisions as count at most; and the import of an archive."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import sqlalchemy as sa

from bench import Option, Result, tell
from bench.plant import ROOT, ChosenKinds, Kind, database_url, sample_sentences
from moderation.comments import scoring_rows as scoring
from moderation.comments.tables import comments
from moderation.database.engine import Database
from moderation.learning import rows as learning
from moderation.learning import vector_rows as vectors
from moderation.learning.examples import MOST_DECIDED
from moderation.learning.vector_rows import Kept
from moderation.operating import migrating
from moderation.signals.house import HOUSE
from moderation.sites import rows as site_store
from moderation.sites import sites
from moderation.sites.audit import actors
from moderation.values.scoring import Scoring
from moderation.values.signals import Signal, Vector
from workers.commands.learn import NOTHING_LEARNT
from workers.learning.house_archive import see
from workers.learning.house_learning import learn
from workers.learning.house_matrix import Seen
from workers.scoring.engines.onnx import Engine, OnnxEngine
from workers.scoring.engines.table_engine import TableEngine
from workers.scoring.engines.weights import BUNDLED, BUNDLED_MULTILINGUAL, Places, Weights
from workers.scoring.house.model import HouseModel
from workers.scoring.house_scorer import house_signals
from workers.scoring.loading import find_export
from workers.scoring.scorable import Scorable
from workers.scoring.scorer import Scorer
from workers.scoring.spam.scorer import SpamScorer

SIZES = (500, 1_000, 2_000, 5_000)  # decisions that were learnt from
NEARLY = 0.9  # an archive with so much of a size has its own size instead
SCORED_BY = ("house", "both")
LEARNT_TO_TIME = 1_000
COLUMNS = ("archive", "learnt from", "scored by", "AUC", "decided at 1 % error", "at 2 %")


@dataclass(frozen=True, slots=True)
class Plan:
    archives: Annotated[tuple[Path, ...], Option("decided comments, as JSON lines of `gavel import`")]
    judged: float = 0.3
    newest: Annotated[int | None, Option("only so many decisions of each archive", metavar="N")] = None
    keep: Annotated[Path | None, Option("folder for the database, which another run takes up again")] = None


def measure(plan: Plan) -> Result:
    rows, lines, values = (
        list[tuple[str, ...]](),
        list[str](),
        dict[str, Any](plan={"judged": plan.judged, "newest": plan.newest}),
    )
    with database_url(Kind.SQLITE, plan.keep) as url, closing(Database(url)) as database:
        migrating.upgrade(database)
        for archive in plan.archives:
            seen = seen_of(database, url, archive)[-(plan.newest or 0) :]
            sizes = by_size(seen, plan.judged)
            report = sizes[max(sizes)]
            if "both" not in report:
                lines.append(f"{archive.stem}: {report['refusal']}")
                continue
            found = {"sizes": sizes, "cost": asdict(cost_of(seen))}
            values[archive.stem] = found
            rows += _rows(archive.stem, found)
            lines += [f"{archive.stem}: {said}" for said in _said(report, found)]
            tell(f"{archive.stem}: {report['refusal'] or 'offered'}")
    return Result("house", COLUMNS, rows, lines, values)


def by_size(seen: Sequence[Seen], judged: float) -> dict[int, dict[str, Any]]:
    """The report of each size: learnt from as many of the older decisions, the newest of them, and judged on all of the
    newest."""
    cut = int(len(seen) * (1 - judged))
    sizes = [size for size in SIZES if size < cut * NEARLY] + [cut]
    return {size: _report_of(seen[cut - size :], len(seen) - cut) for size in sizes}


def _report_of(seen: Sequence[Seen], newest: int) -> dict[str, Any]:
    return learn(seen, now=now(), judged=(newest - 0.5) / len(seen)).report  # the half is for rounding


def cost_of(seen: Sequence[Seen]) -> Cost:
    """Raises ValueError where nothing can be learnt."""
    model = learn(seen[-LEARNT_TO_TIME:], now=now()).model
    if model is None:
        raise ValueError("the newest decisions are too few or too much the same to learn from")
    return cost(seen, model)


def seen_of(database: Database, url: str, archive: Path) -> list[Seen]:
    """Imported by the command, as a newsroom would; what was scored before is not scored again."""
    with database.read() as conn:
        known = {site.name: site.id for site in site_store.all_sites(conn)}
    if archive.stem not in known:
        made = sites.create_site(database, archive.stem, by=actors.operator("bench"), now=now())
        known[archive.stem] = made.site.id
    bring_in(archive, archive.stem, url)
    tell(f"{archive.stem} is imported")
    return see(database, known[archive.stem], _loaded, now=now, progress=_tell)


def _rows(archive: str, found: dict[str, Any]) -> list[tuple[str, ...]]:
    """The shipped models first, which learn nothing here."""
    reports = [(size, report) for size, report in found["sizes"].items() if "both" in report]
    rows = [_row(archive, "", "general", reports[-1][1]["general"])]
    return rows + [_row(archive, f"{size:,}", name, report[name]) for size, report in reports for name in SCORED_BY]


def _row(archive: str, learnt_from: str, name: str, judged: dict[str, Any] | None) -> tuple[str, ...]:
    if judged is None:
        return (archive, learnt_from, name, "—", "—", "—")
    shares = (f"{one['share']:.1%}" for one in judged["automated"])
    return (archive, learnt_from, name, f"{judged['auc']:.3f}", *shares)


def _said(report: dict[str, Any], values: dict[str, Any]) -> list[str]:
    curve = "; ".join(f"{p['examples']:,}: {p['auc']:.3f}, {p['automated'][0]['share']:.1%}" for p in report["curve"])
    said = [f"learning curve (decisions: AUC, decided at 1 % error) {curve}"]
    spent = values["cost"]
    said.append(
        f"a comment costs the house model {spent['house_ms']:.3f} ms and the encoder {spent['encoder_ms']:.2f} ms: "
        f"{spent['house_ms'] / spent['encoder_ms']:.1%} of it"
    )
    said.append(f"the model has {report['bytes']:,} bytes")
    return said


@cache
def _loaded() -> Scorer:
    return Scorer.load()


def _tell(done: int, every: int) -> None:
    if done % 640 == 0:
        tell(f"{done:,} of {every:,} comments scored")


def now() -> datetime:
    return datetime.now(UTC)


BATCH = 32
MEASURED = 192
ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds a comment."""

    house_ms: float
    encoder_ms: float


def cost(seen: Sequence[Seen], model: HouseModel) -> Cost:
    """Spam is scored before, untimed, as in a worker: it reads the same words. All comments are in one language."""
    places = Places.of(None, None)
    spam = SpamScorer(Weights.read(BUNDLED, places.models / "spam"))
    engine = _engine(seen[-1].example.language, places)
    some = [one for one in seen if model.knows(one.vector)][-MEASURED:]
    batches = [some[start : start + BATCH] for start in range(0, len(some), BATCH)]
    times = [_measured(batch, model, spam, engine) for batch in (batches[0], *batches)]
    house_s, encoder_s = (sum(spent) for spent in zip(*times[1:], strict=True))  # the first one warmed up
    return Cost(house_s / len(some) * 1_000, encoder_s / len(some) * 1_000)


def _measured(batch: Sequence[Seen], model: HouseModel, spam: SpamScorer, engine: Engine) -> tuple[float, float]:
    """Seconds of the house model and of the encoder."""
    scorables = [Scorable(one.example.text, language=one.example.language, house=model) for one in batch]
    others = [[Signal(name, value, "bench") for name, value in one.values.items()] for one in batch]
    spam.score(scorables)
    started = time.thread_time()
    for scorable, one, signals in zip(scorables, batch, others, strict=True):
        house_signals(scorable, one.vector, signals)
    between = time.thread_time()
    texts = [scorable.text for scorable in scorables]
    engine.probabilities(texts, engine.encode(texts))
    return between - started, time.thread_time() - between


def _engine(language: str | None, places: Places) -> Engine:
    if language == ENGLISH:
        return OnnxEngine(find_export(BUNDLED, places))
    return TableEngine(Weights.read(BUNDLED_MULTILINGUAL, places.models / "multilingual"))


LEARNING_COLUMNS = ("decisions", "s", "processor s", "peak MiB", "model, bytes", "AUC")
SITE = "A large archive"
SWAPPED = 0.3  # of the words
TURNED = 3  # at most, of 127
PAGE = 500


@dataclass(frozen=True, slots=True)
class LearningPlan:
    archive: Annotated[Path, Option("decided comments, as JSON lines of `gavel import`")]
    decisions: Annotated[int, Option("(default: %(default)s)")] = MOST_DECIDED
    keep: Annotated[Path | None, Option("folder for the scored archive, which another run takes up again")] = None


def measure_learning(plan: LearningPlan) -> Result:
    with database_url(Kind.SQLITE, plan.keep) as url, closing(Database(url)) as database:
        migrating.upgrade(database)
        seen = seen_of(database, url, plan.archive)
    with database_url(Kind.SQLITE) as url, closing(Database(url)) as database:
        migrating.upgrade(database)
        _fill_in(database, url, list(_varied(seen, plan.decisions)))
        tell("learning")
        ran = run(("workers", "learn", "--site", SITE), url, fine=(0, NOTHING_LEARNT))
        with database.read() as conn:
            report = learning.reports(conn, _site_id(conn), HOUSE.name)[0].report
    values = {"run": asdict(ran), "report": report}
    return Result("learning", LEARNING_COLUMNS, [_row_of_learning(report, ran)], values=values)


def _row_of_learning(report: Mapping[str, Any], ran: Ran) -> tuple[str, ...]:
    spent = (f"{ran.seconds:.0f}", f"{ran.processor_s:.0f}", f"{ran.peak_mib:.0f}")
    return (f"{report['decided']:,}", *spent, f"{report['bytes']:,}", f"{report['both']['auc']:.3f}")


def _varied(seen: Sequence[Seen], count: int, *, seed: int = 2) -> Iterator[Seen]:
    dice = random.Random(seed)
    for number in range(count):
        one, other = seen[number % len(seen)], dice.choice(seen)
        words, others = one.example.text.split(), other.example.text.split() or ["–"]
        text = " ".join(dice.choice(others) if dice.random() < SWAPPED else word for word in words)
        yield replace(one, example=replace(one.example, text=text), vector=_turned(one.vector, number))


def _turned(vector: Vector | None, seed: int) -> Vector | None:
    if vector is None:
        return None
    numbers = np.frombuffer(vector.numbers, dtype=np.int8).astype(np.int16)
    turned = numbers + np.random.default_rng(seed).integers(-TURNED, TURNED + 1, len(numbers))
    return Vector(vector.space, np.clip(turned, -127, 127).astype(np.int8).tobytes())


def _fill_in(database: Database, url: str, seen: Sequence[Seen]) -> None:
    sites.create_site(database, SITE, by=actors.operator("bench"), now=now())
    with tempfile.TemporaryDirectory(prefix="gavel-bench-") as folder:
        archive = Path(folder) / "archive.jsonl"
        archive.write_text("".join(_archive_lines(seen)), encoding="utf-8")
        bring_in(archive, SITE, url)
    with database.read() as conn:
        site_id = _site_id(conn)
        found = conn.execute(sa.select(comments.c.id, comments.c.external_id)).all()
    tell("giving the comments their scores and vectors")
    for start in range(0, len(found), PAGE):
        page = [(row.id, seen[int(row.external_id)]) for row in found[start : start + PAGE]]
        with database.write() as conn:
            scoring.insert_scorings(conn, [_scoring(id, one) for id, one in page], now=now())
            vectors.keep(conn, [Kept(id, site_id, one.vector) for id, one in page])


def _archive_lines(seen: Sequence[Seen]) -> Iterator[str]:
    for number, one in enumerate(seen):
        comment = {
            "id": str(number),
            "article": {"id": f"a-{number // 100}"},
            "author": {"id": f"u-{number % 5_000}"},
            "text": one.example.text,
            "posted_at": (LATEST - timedelta(minutes=len(seen) - number)).isoformat(),
            "status": "rejected" if one.example.is_rejected else "published",
            "language": one.example.language,
        }
        yield json.dumps(comment) + "\n"


def _scoring(comment_id: str, one: Seen) -> Scoring:
    signals = tuple(Signal(name, value, "bench") for name, value in one.values.items())
    return Scoring(comment_id, 1, signals, {}, one.example.language, 0.0)


def _site_id(conn: sa.Connection) -> str:
    return next(site.id for site in site_store.all_sites(conn) if site.name == SITE)


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
        found = re.search(r"^VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(found[1]) / 1024 if found else None


IMPORTING_COLUMNS = ("database", "archive", "comments", "comments/s", "comments/s of a processor", "peak MiB")
IMPORTING_SITE = "The Herald"


@dataclass(frozen=True, slots=True)
class ImportingPlan:
    comments: Annotated[int, Option("(default: %(default)s)")] = 100_000
    kinds: ChosenKinds = tuple(Kind)


def measure_importing(plan: ImportingPlan) -> Result:
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
    return Result("importing", IMPORTING_COLUMNS, rows, values=values)


def _both(archive: Path, kind: Kind) -> dict[str, Ran]:
    found = {}
    with database_url(kind) as url, closing(Database(url)) as database:
        migrating.upgrade(database)
        sites.create_site(database, IMPORTING_SITE, by=actors.operator("bench"), now=datetime.now(UTC))
        for name in ("new", "again"):
            tell(f"{kind.value}: the archive, {name}")
            found[name] = bring_in(archive, IMPORTING_SITE, url)
    return found
