"""Learning from as many decisions as count at most, made by varying an archive that was scored."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import sqlalchemy as sa

from bench import Option, Result, tell
from bench.learning.house import now, seen_of
from bench.learning.importing import LATEST, Ran, bring_in, run
from bench.plant import Kind, database_url
from moderation.ground.database.engine import Database
from moderation.ground.values.signals import Signal, Vector
from moderation.insight.learning import rows as learning
from moderation.insight.learning import vector_rows as vectors
from moderation.insight.learning.examples import MOST_DECIDED
from moderation.insight.learning.vector_rows import KeptVector
from moderation.judging.signals.house import HOUSE
from moderation.judging.signals.scoring import Scoring
from moderation.operations.composition import open_database
from moderation.operations.operating import migrating
from moderation.sites import rows as site_store
from moderation.sites import sites
from moderation.sites.audit import actors
from moderation.spine.comments import scoring_rows as scoring
from moderation.spine.comments.tables import comments
from workers.commands.learn import NOTHING_LEARNT
from workers.learning.house_matrix import Seen

COLUMNS = ("decisions", "s", "processor s", "peak MiB", "model, bytes", "AUC")
SITE = "A large archive"
SWAPPED = 0.3  # of the words
TURNED = 3  # at most, of 127
PAGE = 500


@dataclass(frozen=True, slots=True)
class Plan:
    archive: Annotated[Path, Option("decided comments, as JSON lines of `gavel import`")]
    decisions: Annotated[int, Option("(default: %(default)s)")] = MOST_DECIDED
    keep: Annotated[Path | None, Option("folder for the scored archive, which another run takes up again")] = None


def measure(plan: Plan) -> Result:
    with database_url(Kind.SQLITE, plan.keep) as url, closing(open_database(url)) as database:
        migrating.upgrade(database)
        seen = seen_of(database, url, plan.archive)
    with database_url(Kind.SQLITE) as url, closing(open_database(url)) as database:
        migrating.upgrade(database)
        _fill_in(database, url, list(_varied(seen, plan.decisions)))
        tell("learning")
        ran = run(("workers", "learn", "--site", SITE), url, fine=(0, NOTHING_LEARNT))
        with database.read() as conn:
            report = learning.reports(conn, _site_id(conn), HOUSE.name)[0].report
    values = {"run": asdict(ran), "report": report}
    return Result("learning", COLUMNS, [_row(report, ran)], values=values)


def _row(report: Mapping[str, Any], ran: Ran) -> tuple[str, ...]:
    spent = (f"{ran.seconds:.0f}", f"{ran.processor_s:.0f}", f"{ran.peak_mib:.0f}")
    return (f"{report['decided']:,}", *spent, f"{report['bytes']:,}", f"{report['both']['auc']:.3f}")


def _varied(seen: Sequence[Seen], count: int, *, seed: int = 2) -> Iterator[Seen]:
    dice = random.Random(seed)
    for number in range(count):
        comment, other = seen[number % len(seen)], dice.choice(seen)
        words, others = comment.example.text.split(), other.example.text.split() or ["–"]
        text = " ".join(dice.choice(others) if dice.random() < SWAPPED else word for word in words)
        yield replace(comment, example=replace(comment.example, text=text), vector=_turned(comment.vector, number))


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
        rows = conn.execute(sa.select(comments.c.id, comments.c.external_id)).all()
    tell("giving the comments their scores and vectors")
    for start in range(0, len(rows), PAGE):
        page = [(row.id, seen[int(row.external_id)]) for row in rows[start : start + PAGE]]
        with database.write() as conn:
            scoring.insert_scorings(conn, {(id, 1): _scoring(comment) for id, comment in page}, now=now())
            vectors.keep(conn, [KeptVector(id, site_id, comment.vector) for id, comment in page])


def _archive_lines(seen: Sequence[Seen]) -> Iterator[str]:
    for number, sample in enumerate(seen):
        comment = {
            "id": str(number),
            "article": {"id": f"a-{number // 100}"},
            "author": {"id": f"u-{number % 5_000}"},
            "text": sample.example.text,
            "posted_at": (LATEST - timedelta(minutes=len(seen) - number)).isoformat(),
            "status": "rejected" if sample.example.is_rejected else "published",
            "language": sample.example.language,
        }
        yield json.dumps(comment) + "\n"


def _scoring(comment: Seen) -> Scoring:
    signals = tuple(Signal(name, value, "bench") for name, value in comment.values.items())
    return Scoring(signals, {}, comment.example.language, 0.0)


def _site_id(conn: sa.Connection) -> str:
    return next(site.id for site in site_store.all_sites(conn) if site.name == SITE)
