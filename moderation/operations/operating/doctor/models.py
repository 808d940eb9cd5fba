"""The models that a worker of this machine loads: asked of a process of the workers, since only those know them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import moderation
from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.operations.operating.doctor.findings import Finding, error, ok
from moderation.pipeline.waiting import vitals_rows as vitals

PART = "models"
LOADED_WITHIN_S = 300
NEEDED = ("workers", "onnxruntime", "tokenizers")


def check(settings: Settings, database: Database | None) -> list[Finding]:
    return [*_here(settings), *_last_used(database)]


def _here(settings: Settings) -> Iterator[Finding]:
    if any(find_spec(name) is None for name in NEEDED):
        yield ok(PART, "this machine has no workers, so none is loaded here: ask on a machine that has")
        return
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "workers", "models", "--json"],
            env=os.environ | {"PYTHONPATH": str(Path(moderation.__file__).parents[1])},
            capture_output=True,
            text=True,
            check=False,
            timeout=LOADED_WITHIN_S,
        )
    except subprocess.TimeoutExpired:
        yield error(PART, f"loading them took more than {LOADED_WITHIN_S} s", "look at the machine's memory and disk")
        return
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "no word").splitlines()[-1]
        yield error(
            PART,
            said,
            f"TOXICITY_MODEL={settings.toxicity_model} and TOXICITY_ENGINE={settings.toxicity_engine}, or install anew",
        )
        return
    loaded: Mapping[str, Any] = json.loads(done.stdout)
    yield ok(PART, f"files agree with their manifests, and load: {', '.join(loaded.values())}")


def _last_used(database: Database | None) -> Iterator[Finding]:
    if database is None:
        return
    with database.read() as conn:
        used = vitals.newest_models(conn)
    yield ok(
        PART, f"the last comment was scored by {', '.join(used.values())}" if used else "no comment was scored yet"
    )
