"""Acts that change a comment: a POST, a batch of scores, a moderator's decision."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Any

from bench.million.cases import Act, Case
from bench.million.newsroom import SAME_ORIGIN, Newsroom
from bench.soak.readers import OPEN_COMMENT, VERSION
from moderation.ground.values.signals import Signal, Vector
from moderation.pipeline.arriving import intake
from moderation.pipeline.arriving.submission import Submission
from workers.queue.pipeline import Pipeline
from workers.scoring.scorable import Scorable

BATCH = 32
READERS_EACH = 15  # comments a reader


class ReadyScorer:
    """Scores that cost nothing and hold no comment, so that no words are searched: the case measures the database."""

    models = {"toxicity": "none@bench"}  # noqa: RUF012

    def score(self, batch: Sequence[Scorable]) -> list[tuple[Signal, ...]]:
        return [
            (
                Signal("toxicity", 0.05, "none@bench"),
                Signal("relevance", 0.9, "none@bench"),
                Signal("language.supported", 1.0, "lang:en"),
            )
            for _ in batch
        ]

    def vectors(self, batch: Sequence[Scorable]) -> list[Vector | None]:
        return [Vector("none@bench", bytes(384))] * len(batch)


@dataclass
class Acts:
    newsroom: Newsroom
    number: int = 0  # of the next comment or decision

    def __post_init__(self) -> None:
        room = self.newsroom
        self.pipeline = Pipeline(room.database, room.queues, ReadyScorer())  # type: ignore[arg-type]

    def cases(self) -> list[Case]:
        return [
            Case("accept a comment", self._accepting),
            Case("accept a reply", self._replying),
            Case("record scores and decide, each of 32", self._scoring, per=BATCH),
            Case("a moderator's decision and the next comment", partial(self._deciding, **{"HX-Request": "true"})),
            Case("the same without the page's script", self._deciding),
        ]

    def _accepting(self, **more: Any) -> Act:
        room = self.newsroom
        body = {**self._body(), "article": {"id": room.one(room.articles)}, **more}
        return lambda: room.api.post("/v1/comments", json=body, headers=room.bearer).status_code

    def _replying(self) -> Act:
        name = self.newsroom.one(self.newsroom.names)
        said = self.newsroom.api.get(f"/v1/comments/{name}", headers=self.newsroom.bearer).json
        assert said is not None
        return self._accepting(parent_id=name, article={"id": said["article_id"]})

    def _body(self) -> dict[str, Any]:
        self.number += 1
        dice = self.newsroom.dice
        reader = f"u-{int(self.newsroom.filled.comments / READERS_EACH * dice.random() ** 3)}"
        text = f"{dice.getrandbits(40):x} asks what {dice.getrandbits(40):x} would cost the port of this town"
        return {"id": f"m-{time.time_ns()}-{self.number}", "author": {"id": reader}, "text": text}

    def _scoring(self) -> Act:
        room = self.newsroom
        said = [
            Submission(room.one(room.articles), body["author"]["id"], body["text"], id=body["id"])
            for body in (self._body() for _ in range(BATCH))
        ]
        stored = intake.submit_many(room.database, room.queues, room.filled.site_ids[0], said, now=datetime.now(UTC))
        ids = [comment.id for comment in stored if not isinstance(comment, Exception)]
        return lambda: 200 if self.pipeline.score(ids) == [None] * BATCH else HTTPStatus.INTERNAL_SERVER_ERROR

    def _deciding(self, **headers: str) -> Act:
        desk = self.newsroom.desk
        page = desk.get("/desk/review", follow_redirects=True)
        match, version = OPEN_COMMENT.search(page.request.path), VERSION.search(page.get_data(as_text=True))
        assert match is not None
        assert version is not None
        form = {"choice": "approve" if self.number % 2 else "reject:Off topic", "version": version[1], "view": ""}
        self.number += 1
        path, headers = f"/desk/comments/{match[1]}/decisions", {**SAME_ORIGIN, **headers}
        return lambda: desk.post(path, data=form, headers=headers, follow_redirects=True).status_code
