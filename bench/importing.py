"""``gavel import``: comments a second and the most memory, of a new archive and then of the same one again."""

from __future__ import annotations

import tempfile
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from bench.databases import ChosenKinds, Kind, database_url
from bench.options import Option
from bench.past import Ran, bring_in, write_archive
from bench.report import Result, tell
from moderation.database.engine import Database
from moderation.operating import migrating
from moderation.sites import sites
from moderation.sites.audit import actors

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
    found = {}
    with database_url(kind) as url, closing(Database(url)) as database:
        migrating.upgrade(database)
        sites.create_site(database, SITE, by=actors.operator("bench"), now=datetime.now(UTC))
        for name in ("new", "again"):
            tell(f"{kind.value}: the archive, {name}")
            found[name] = bring_in(archive, SITE, url)
    return found
