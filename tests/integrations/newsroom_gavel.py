"""The Gavel of these tests: the real service, sweeper, deliveries and worker. The scorer only looks for words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import urllib3

from moderation.ground.database.engine import Database
from moderation.moderators.review import reviewing
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from moderation.operations.composition import open_database
from moderation.operations.operating import migrating
from moderation.sites import keys, sites
from moderation.sites import rows as site_rows
from moderation.sites.keys import Scope
from moderation.sites.people import moderators
from moderation.sites.people.roles import Role
from moderation.spine.comments import rows as comments
from tests.builders import OPERATOR
from tests.chaos.processes import Fleet
from tests.chaos.proxy import Proxy, proxy
from tests.conftest import free_port
from tests.paces import without_pace
from tests.scoring_processes import LOADED_WITHIN_S, TOKEN
from tests.waiting import eventually


@dataclass
class NewsroomGavel:
    direct: str  # the address that tests use
    wire: Proxy  # to WordPress
    database: Database
    site_id: str
    key: str
    environment: Mapping[str, str]  # for commands at a terminal
    fleet: Fleet

    def ready(self) -> NewsroomGavel:
        """Waits until it answers."""
        eventually(lambda: _answers(self), within_s=60, says=lambda: self.fleet.log("web")[-2000:])
        return self

    @property
    def url(self) -> str:
        """The address that WordPress has."""
        return f"http://127.0.0.1:{self.wire.port}"

    @contextmanager
    def away(self) -> Iterator[None]:
        """Meanwhile WordPress reaches nothing at that address."""
        port, self.wire.to_port = self.wire.to_port, free_port()
        self.wire.cut()
        try:
            yield
        finally:
            self.wire.to_port = port

    @contextmanager
    def slow(self, delay_s: float) -> Iterator[None]:
        """Meanwhile everything on the wire takes so long, each way."""
        self.wire.delay_s = delay_s
        try:
            yield
        finally:
            self.wire.delay_s = 0.0

    def call(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.key}"}
        answer = urllib3.request(method, self.direct + path, headers=headers, json=body, timeout=20, retries=False)
        assert answer.status < 300, answer.data
        return answer.json()

    def comment(self, id: int) -> Any:
        return self.call("GET", f"/v1/comments/{id}")

    def knows(self, id: int) -> bool:
        with self.database.read() as conn:
            return comments.find_comment(conn, self.site_id, str(id)) is not None

    def history(self, id: int) -> list[tuple[str, str]]:
        """The decisions about a comment from the first on: who decided, and what."""
        path = f"/v1/authors/{self.comment(id)['author']['id'].replace(':', '%3A')}/export"
        found = next(one for one in self.call("GET", path)["comments"] if one["id"] == str(id))
        return [(decision["by"], decision["action"]) for decision in found["decisions"]]

    def decide(self, id: int, choice: Choice) -> None:
        """A moderator decides at the desk; the site hears of it at once."""
        with self.database.read() as conn:
            comment = comments.get_comment(conn, self.site_id, str(id))
            moderator = site_rows.find_moderator(conn, email="ben@paper.example")
        assert moderator is not None
        chosen = ModeratorChoice(choice, comment.version)
        reviewing.decide(self.database, moderator, comment.id, chosen, now=datetime.now(UTC), hold_s=0)

    def scores_texts(self) -> None:
        """Starts the process that scores texts that nobody stores, with the real models, and waits for it."""
        self.fleet.start("answer", "workers", "answer")
        said = {"text": "Good morning."}
        eventually(lambda: self._checks(said), within_s=LOADED_WITHIN_S, says=lambda: self.fleet.log("answer")[-2000:])

    def _checks(self, said: dict[str, str]) -> bool:
        headers = {"Authorization": f"Bearer {self.key}"}
        url = f"{self.direct}/v1/check"
        return urllib3.request("POST", url, headers=headers, json=said, timeout=20, retries=False).status == 200

    def other_site(self, name: str = "The Courier") -> str:
        """The key of another site."""
        made = sites.create_site(self.database, name, by=OPERATOR, now=datetime.now(UTC))
        return made.key.token

    def key_with(self, *scopes: Scope) -> str:
        now = datetime.now(UTC)
        return keys.create_key(self.database, self.site_id, name="one", scopes=scopes, by=OPERATOR, now=now).token


@contextmanager
def starting(folder: Path, redis_url: str) -> Iterator[NewsroomGavel]:
    """It takes a while to answer, in which a test can start something else."""
    folder.mkdir(exist_ok=True)
    port, url = free_port(), f"sqlite:///{folder / 'gavel.db'}"
    with closing(open_database(url)) as database:
        migrating.upgrade(database)
        made = without_pace(database, sites.create_site(database, "The Herald", by=OPERATOR, now=datetime.now(UTC)))
        moderators.create_moderator(
            database, email="ben@paper.example", name="Ben", password_hash="x", roles={made.site.id: Role.ADMIN},
            by=OPERATOR, now=datetime.now(UTC),
        )  # fmt: skip
        environment = {
            "DATABASE_URL": url, "REDIS_URL": redis_url, "GAVEL_HOME": str(folder), "PORT": str(port),
            "SWEEP_INTERVAL_S": "1", "WEBHOOK_ALLOW_PRIVATE": "yes", "EVENT_HOLD_S": "0",
            "SCORING_PORT": str(free_port()), "SCORING_TOKEN": TOKEN,
        }  # fmt: skip
        fleet = Fleet(environment, folder)
        with proxy(port) as wire:
            address = f"http://127.0.0.1:{port}"
            gavel = NewsroomGavel(address, wire, database, made.site.id, made.key.token, environment, fleet)
            try:
                fleet.start("worker", "tests.chaos.quick_worker")
                fleet.start("sweeper", "workers", "sweep")
                fleet.start("deliver", "workers", "deliver")
                fleet.start("web", "gavel", "serve")
                yield gavel
            finally:
                fleet.end()


def judge_toxicity_alone(call: Callable[..., Any]) -> None:
    """With the author's name and website. Tests write the same texts again and again, in which the other rules would
    see a campaign."""
    policy = call("GET", "/v1/policy")
    rules = [rule for rule in policy["rules"] if rule.get("signal") in ("toxicity", "author.profile")]
    call("PUT", "/v1/policy", {**policy, "rules": rules})


def _answers(gavel: NewsroomGavel) -> bool:
    try:
        return urllib3.request("GET", f"{gavel.direct}/healthz", timeout=30, retries=False).status == 200
    except urllib3.exceptions.HTTPError:
        return False
