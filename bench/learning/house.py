"""A house model on decided archives: imported by the command, learnt on the older part, judged on the rest, and its
cost beside the encoder's."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from bench import Option, Result, tell
from bench.learning.importing import bring_in
from bench.plant import Kind, database_url
from moderation.ground.database.engine import Database
from moderation.ground.values.signals import Signal
from moderation.operations.composition import open_database
from moderation.operations.operating import migrating
from moderation.sites import rows as site_store
from moderation.sites import sites
from moderation.sites.audit import actors
from workers.learning.house_archive import see
from workers.learning.house_learning import learn
from workers.learning.house_matrix import Seen
from workers.scoring.engines.onnx import Engine, OnnxEngine
from workers.scoring.engines.table_engine import TableEngine
from workers.scoring.engines.weights import BUNDLED, BUNDLED_MULTILINGUAL, ModelFolders, Weights
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
    with database_url(Kind.SQLITE, plan.keep) as url, closing(open_database(url)) as database:
        migrating.upgrade(database)
        for archive in plan.archives:
            seen = seen_of(database, url, archive)[-(plan.newest or 0) :]
            sizes = by_size(seen, plan.judged)
            report = sizes[max(sizes)]
            if "both" not in report:
                lines.append(f"{archive.stem}: {report['refusal']}")
                continue
            figures = {"sizes": sizes, "cost": asdict(cost_of(seen))}
            values[archive.stem] = figures
            rows += _rows(archive.stem, figures)
            lines += [f"{archive.stem}: {said}" for said in _said(report, figures)]
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
        created = sites.create_site(database, archive.stem, by=actors.operator("bench"), now=now())
        known[archive.stem] = created.site.id
    bring_in(archive, archive.stem, url)
    tell(f"{archive.stem} is imported")
    return see(database, known[archive.stem], _loaded, now=now, progress=_tell)


def _rows(archive: str, figures: dict[str, Any]) -> list[tuple[str, ...]]:
    """The shipped models first, which learn nothing here."""
    reports = [(size, report) for size, report in figures["sizes"].items() if "both" in report]
    rows = [_row(archive, "", "general", reports[-1][1]["general"])]
    return rows + [_row(archive, f"{size:,}", name, report[name]) for size, report in reports for name in SCORED_BY]


def _row(archive: str, learnt_from: str, name: str, judged: dict[str, Any] | None) -> tuple[str, ...]:
    if judged is None:
        return (archive, learnt_from, name, "—", "—", "—")
    shares = (f"{point['share']:.1%}" for point in judged["automated"])
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
    places = ModelFolders.of(None, None)
    spam = SpamScorer(Weights.read(BUNDLED, places.models / "spam"))
    engine = _engine(seen[-1].example.language, places)
    some = [comment for comment in seen if model.knows(comment.vector)][-MEASURED:]
    batches = [some[start : start + BATCH] for start in range(0, len(some), BATCH)]
    times = [_measured(batch, model, spam, engine) for batch in (batches[0], *batches)]
    house_s, encoder_s = (sum(spent) for spent in zip(*times[1:], strict=True))  # the first one warmed up
    return Cost(house_s / len(some) * 1_000, encoder_s / len(some) * 1_000)


def _measured(batch: Sequence[Seen], model: HouseModel, spam: SpamScorer, engine: Engine) -> tuple[float, float]:
    """Seconds of the house model and of the encoder."""
    scorables = [Scorable(comment.example.text, language=comment.example.language, house=model) for comment in batch]
    others = [[Signal(name, value, "bench") for name, value in comment.values.items()] for comment in batch]
    spam.score(scorables)
    started = time.thread_time()
    for scorable, sample, signals in zip(scorables, batch, others, strict=True):
        house_signals(scorable, sample.vector, signals)
    between = time.thread_time()
    texts = [scorable.text for scorable in scorables]
    engine.probabilities(texts, engine.encode(texts))
    return between - started, time.thread_time() - between


def _engine(language: str | None, places: ModelFolders) -> Engine:
    if language == ENGLISH:
        return OnnxEngine(find_export(BUNDLED, places))
    return TableEngine(Weights.read(BUNDLED_MULTILINGUAL, places.models / "multilingual"))
