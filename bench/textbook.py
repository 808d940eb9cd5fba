"""The design of a tutorial: one RQ job per comment, run by a stock worker that calls Detoxify on one text."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import sqlalchemy as sa

from moderation.comments.tables import comments
from moderation.database.engine import Database
from moderation.environment.settings import Settings
from workers.scoring.engines.torch_engine import load_detoxify
from workers.scoring.engines.weights import Weights, default_models_dir

FLAG_AT = 0.8


@cache
def _model() -> Any:
    return load_detoxify("bundled", Weights.read("bundled", default_models_dir() / "toxicity"))


@cache
def _database() -> Database:
    return Database(Settings.from_env(os.environ).resolved_database_url)


def score(comment_id: str) -> None:
    """Reads the text, scores it, writes the status; it keeps no trace of the decision."""
    with _database().read() as conn:
        text = conn.execute(sa.select(comments.c.text).where(comments.c.id == comment_id)).scalar_one()
    toxicity = float(_model().predict(text)["toxicity"])
    status = "flagged" if toxicity >= FLAG_AT else "published"
    with _database().write() as conn:
        conn.execute(comments.update().where(comments.c.id == comment_id).values(status=status, toxicity=toxicity))
