from __future__ import annotations

import re
from pathlib import Path

from flask.testing import FlaskClient

from moderation.ground.database import lease_rows as leases
from moderation.ground.database.engine import Database
from moderation.ground.monitoring import instruments
from moderation.operations.operating import vitals
from service.context import utc_now
from tests.service.conftest import Caller

PAGE = Path(__file__).parents[2] / "docs" / "monitoring.md"


def test_the_page_lists_every_metric_and_no_other(api: Caller, client: FlaskClient, database: Database) -> None:
    now = utc_now()
    with database.write() as conn:
        leases.take(conn, vitals.SWEEPER, "host:1", until=now, now=now)
        leases.note(conn, vitals.SWEEPER, "host:1", {}, now=now)
    instruments.instruments()

    told = set(re.findall(r"^# TYPE (gavel_\w+) ", client.get("/metrics").text, re.MULTILINE))

    assert set(re.findall(r"`(gavel_\w+)`", PAGE.read_text())) == {n for n in told if not n.endswith("_created")}
