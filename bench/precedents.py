"""Precedents of a comment among as many decided ones as a site keeps: the processor's time of a look-up, and of the
first one, which reads them all."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import sqlalchemy as sa

from bench.databases import ChosenKinds, Kind, database_url
from bench.figures import in_ms, percentile
from bench.options import Option
from bench.past import bring_in, write_archive
from bench.report import Result, tell
from moderation.comments.tables import comments
from moderation.database.engine import Database
from moderation.learning import vector_rows as vectors
from moderation.learning.precedents import MOST_OF_SITE, SHOWN, Precedents, least_alike
from moderation.learning.vector_rows import Kept
from moderation.operating import migrating
from moderation.sites import sites
from moderation.sites.audit import actors
from moderation.values.signals import Vector

COLUMNS = ("database", "vectors", "first look-up", "p50 ms", "p95 ms", "alike, exactly", "found of these")
SITE, SPACE = "The Herald", "gavel-toxicity-e5-l6@bench"
SUBJECTS, SPREAD = 500, 0.4  # comments lie around so many directions
WARM_UPS = 10
PAGE = 500
COMPARED_WITH_ALL = 100  # look-ups


@dataclass(frozen=True, slots=True)
class Plan:
    vectors: Annotated[int, Option("(default: %(default)s)")] = MOST_OF_SITE
    look_ups: Annotated[int, Option()] = 300
    kinds: ChosenKinds = tuple(Kind)


def measure(plan: Plan) -> Result:
    rows, values = list[tuple[str, ...]](), dict[str, Any](plan=asdict(plan))
    with tempfile.TemporaryDirectory(prefix="gavel-bench-") as folder:
        archive = Path(folder) / "archive.jsonl"
        write_archive(archive, plan.vectors)
        for kind in plan.kinds:
            with database_url(kind) as url, closing(Database(url)) as database:
                site_id, numbers = _filled(database, archive)
                tell(f"{kind.value}: looking up")
                found = _look_ups(database, site_id, numbers, plan)
            values[kind.value] = found
            ranked = sorted(found["seconds"])
            times = (in_ms(percentile(ranked, 0.5)), in_ms(percentile(ranked, 0.95)))
            shares = (f"{found['alike']:,}", f"{found['found'] / max(found['alike'], 1):.1%}")
            rows.append((kind.value, f"{plan.vectors:,}", f"{found['first']:.1f} s", *times, *shares))
    return Result("precedents", COLUMNS, rows, values=values)


def _filled(database: Database, archive: Path) -> tuple[str, dict[str, Any]]:
    """The site, and the numbers of each comment's vector."""
    migrating.upgrade(database)
    site_id = sites.create_site(database, SITE, by=actors.operator("bench"), now=datetime.now(UTC)).site.id
    bring_in(archive, SITE, database.url)
    with database.read() as conn:
        ids = [row.id for row in conn.execute(sa.select(comments.c.id).order_by(comments.c.id))]
    numbers = dict(zip(ids, _directions(len(ids)), strict=True))
    for start in range(0, len(ids), PAGE):
        page = ids[start : start + PAGE]
        with database.write() as conn:
            vectors.keep(conn, [Kept(id, site_id, Vector(SPACE, numbers[id].tobytes())) for id in page])
    return site_id, numbers


def _directions(count: int) -> Any:
    """Vectors (count, 384) of signed bytes, each near one of the subjects and somewhat near all others."""
    random_numbers = np.random.default_rng(4)
    common = random_numbers.normal(size=384)
    subjects = common + random_numbers.normal(size=(SUBJECTS, 384))
    found = subjects[random_numbers.integers(0, SUBJECTS, count)]
    found = found + random_numbers.normal(size=(count, 384)) * random_numbers.uniform(SPREAD, 3 * SPREAD, (count, 1))
    return np.round(127 * found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.int8)


def _look_ups(database: Database, site_id: str, numbers: dict[str, Any], plan: Plan) -> dict[str, Any]:
    asked = random.Random(6).sample(sorted(numbers), plan.look_ups + WARM_UPS)
    held, seconds, shown = Precedents(), [], {}
    for comment_id in asked:
        with database.read() as conn:
            conn.execute(sa.select(1))  # the connection is the page's
            started = time.thread_time()
            shown[comment_id] = held.like(conn, site_id, comment_id, now=datetime.now(UTC))
            seconds.append(time.thread_time() - started)
    exact = _exact(numbers, asked[:COMPARED_WITH_ALL])
    alike = sum(map(len, exact.values()))
    found = sum(len({one.decided.id for one in shown[id]} & nearest) for id, nearest in exact.items())
    return {"first": seconds[0], "seconds": seconds[WARM_UPS:], "alike": alike, "found": found}


def _exact(numbers: dict[str, Any], asked: Sequence[str]) -> dict[str, set[str]]:
    """The comments that a comparison with all vectors finds alike enough, and most alike."""
    ids = list(numbers)
    every = np.stack([numbers[id] for id in ids]).astype(np.float32)
    every /= np.linalg.norm(every, axis=1, keepdims=True)
    places = {id: place for place, id in enumerate(ids)}
    found = {}
    for id in asked:
        cosines = every @ every[places[id]]
        cosines[places[id]] = -1
        nearest = np.argsort(-cosines)[:SHOWN]
        found[id] = {ids[place] for place in nearest if cosines[place] >= least_alike(SPACE)}
    return found
