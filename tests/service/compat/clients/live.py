"""A live Gavel for clients of other vendors: the web service and a real scoring process, on loopback."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from moderation.ground.database.engine import Database
from moderation.operations.composition import open_database
from moderation.operations.operating import migrating
from moderation.sites import keys, sites
from moderation.sites.keys import Scope
from service.context import utc_now
from tests.builders import OPERATOR
from tests.conftest import free_port
from tests.paces import without_pace
from tests.waiting import eventually

ROOT = Path(__file__).parents[4]
READY_WITHIN_S = 120
TOKEN = "a-token-of-this-test-run-and-of-no-other"


@dataclass(frozen=True, slots=True)
class Live:
    """How to reach it, and its one site."""

    url: str
    database: Database
    site_id: str
    key: str  # with every scope
    environ: Mapping[str, str]  # for commands at a terminal

    def key_with(self, *scopes: Scope) -> str:
        made = keys.create_key(self.database, self.site_id, name="one", scopes=scopes, by=OPERATOR, now=utc_now())
        return made.token


@contextmanager
def running(home: Path, redis_url: str) -> Iterator[Live]:
    """Starts it, and ends it again."""
    port = free_port()
    given = {
        "GAVEL_HOME": str(home), "PORT": str(port), "REDIS_URL": redis_url, "SCORING_PORT": str(free_port()),
        "PYTHONPATH": str(ROOT), "SCORING_TOKEN": TOKEN, "TRUSTED_PROXIES": "127.0.0.1", "ORT_DISABLE_TELEMETRY": "1",
    }  # fmt: skip
    environ = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "SCORING_URL")} | given
    environ["SCORING_URL"] = f"http://127.0.0.1:{given['SCORING_PORT']}"
    database = open_database(f"sqlite:///{home / 'gavel.db'}")
    migrating.upgrade(database)
    site = without_pace(database, sites.create_site(database, "The Herald", by=OPERATOR, now=utc_now()))
    with _started("answer", home, environ), _started("serve", home, environ):
        live = Live(f"http://127.0.0.1:{port}", database, site.site.id, site.key.token, environ)
        answers = [""]
        eventually(lambda: _scores(live, answers), within_s=READY_WITHIN_S, says=lambda: answers[-1])
        yield live
    database.close()


@contextmanager
def _started(command: str, home: Path, environ: dict[str, str]) -> Iterator[None]:
    with (home / f"{command}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "gavel", command], cwd=ROOT, env=environ, stdout=log, stderr=log
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(60)


def _scores(live: Live, answers: list[str]) -> bool:
    """Whether a text is scored; notes why not."""
    body = b'{"comment": {"text": "Are you there?"}, "requestedAttributes": {"TOXICITY": {}}}'
    url = f"{live.url}/v1alpha1/comments:analyze?key={live.key}"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, {"X-Server-Timeout": "5"}), timeout=60) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as e:
        answers.append(e.read().decode())
    except OSError as e:
        answers.append(str(e))
    return False
