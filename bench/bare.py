"""The least work with which an endpoint can store a comment: one INSERT, one enqueue."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import sqlalchemy as sa
from flask import Flask, request
from flask.typing import ResponseReturnValue

from moderation.database.engine import Database, new_id
from moderation.environment.settings import Settings
from moderation.jobs.jobs import Queues, ToScore, connect_for_web

metadata = sa.MetaData()
kept = sa.Table(
    "bare",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("received_at", sa.DateTime, nullable=False),
)


def create_app() -> Flask:
    settings = Settings.from_env(os.environ)
    database, queues = Database(settings.resolved_database_url), Queues(connect_for_web(settings.redis_url))
    metadata.create_all(database.engine)
    app = Flask(__name__)

    @app.post("/v1/comments")
    def post() -> ResponseReturnValue:
        said = request.get_json()
        comment_id = new_id()
        with database.write() as conn:
            conn.execute(kept.insert().values(id=comment_id, text=said["text"], received_at=datetime.now(UTC)))
        queues.score(ToScore(comment_id, "live"))
        return {"id": comment_id, "status": "waiting"}, 202

    return app
