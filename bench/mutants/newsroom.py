"""A site with a rule book and decided comments, scored by the models that Gavel comes with: all that a trial needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import tell
from bench.mutants.labelled import HATRED, INSULTS, OBSCENITY, THREATS, Dealt, Labelled
from bench.plant import free_port
from moderation.ground.database.engine import Database, new_id
from moderation.ground.jobs.jobs import Queues, connect_for_web
from moderation.ground.values.articles import ArticleState
from moderation.ground.values.comments import Lane
from moderation.ground.values.signals import Signal
from moderation.ground.values.statuses import Action
from moderation.insight.trials import policies as trials
from moderation.insight.trials.policies import Material
from moderation.moderators.review import api_decisions
from moderation.operations.composition import open_database
from moderation.operations.operating import migrating
from moderation.pipeline.arriving import intake
from moderation.pipeline.arriving.submission import Submission
from moderation.pipeline.drafts import cases
from moderation.sites import sites
from moderation.sites.audit import actors
from moderation.sites.rules import writing as rule_book
from moderation.sites.rules.values import HouseRule, Must, RuleCase
from moderation.sites.settings import grounds
from moderation.spine.articles import rows as articles
from moderation.spine.articles import states
from moderation.spine.comments import rows as comments
from workers.learning.rule_book_trial import Models
from workers.machine import queue_server
from workers.queue.pipeline import Pipeline
from workers.scoring.scorer import Scorer

BY = actors.operator("bench")
ARTICLE = "harbour"
BATCH = 64

RULES = (
    HouseRule(INSULTS, "No insults", "Do not insult or abuse anybody.", reason=grounds.INSULT),
    HouseRule(HATRED, "No hatred", "Do not attack groups of people for who they are.", reason=grounds.HATE),
    HouseRule(THREATS, "No threats", "Do not threaten anybody, and call for no violence.", reason=grounds.THREAT),
    HouseRule(OBSCENITY, "No obscenity", "Do not write obscene or vulgar comments.", reason=grounds.OTHER),
)


@dataclass(frozen=True, slots=True)
class Newsroom:
    """``signals`` are those of the cases, by id, and ``judged`` those of the comments that measure harm, in their
    order."""

    database: Database
    site_id: str
    material: Material
    signals: Mapping[str, tuple[Signal, ...]]
    judged: Sequence[tuple[Signal, ...]]


@contextmanager
def opened(dealt: Dealt, scorer: Scorer) -> Iterator[Newsroom]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="gavel-bench-", ignore_cleanup_errors=True)))
        server = queue_server.start(folder / "queue", free_port())
        stack.callback(server.stop)
        database = open_database(f"sqlite:///{folder / 'database'}")
        stack.callback(database.close)
        migrating.upgrade(database)
        site_id = sites.create_site(database, "Our paper", by=BY, now=now()).site.id
        _write_rules(database, site_id, dealt.cases)
        _decide(database, Queues(connect_for_web(server.url)), site_id, dealt.decided, scorer)
        yield _measured(database, site_id, dealt.judged, Models(scorer, None))


def now() -> datetime:
    return datetime.now(UTC)


def _write_rules(database: Database, site_id: str, by_rule: Mapping[str, Sequence[Labelled]]) -> None:
    for rule in RULES:
        rule_book.put_rule(database, site_id, rule, by=BY, now=now())
        for comment in by_rule[rule.key]:
            must = Must.HELD if comment.is_toxic else Must.PASS
            case = RuleCase(new_id(), comment.text.strip(), must, now(), "a lead")
            rule_book.add_case(database, site_id, rule.key, case, by=BY, now=now())


def _decide(database: Database, queues: Queues, site_id: str, decided: Sequence[Labelled], scorer: Scorer) -> None:
    """People read all comments before they are published, and decide as their labels say. Then the article is open."""
    states.describe(database, site_id, ARTICLE, {"state": ArticleState.PREMODERATED}, by=BY, now=now())
    pipeline = Pipeline(database, queues, scorer)
    reasons = {rule.key: rule.reason for rule in RULES}
    for start in range(0, len(decided), BATCH):
        batch = list(enumerate(decided[start : start + BATCH], start))
        sent = [
            Submission(article_id=ARTICLE, author_id=f"account-{number}", text=comment.text, id=f"c-{number}")
            for number, comment in batch
        ]
        ids = [intake.submit(database, queues, site_id, own, lane=Lane.LIVE, now=now()).id for own in sent]
        pipeline.score(ids)
        for number, comment in batch:
            _rule(database, site_id, f"c-{number}", comment, reasons)
    with database.write() as conn:
        article = articles.get_article(conn, site_id, ARTICLE)
        states.change(conn, article, ArticleState.OPEN, by=BY, now=now())
    tell(f"{len(decided):,} comments are decided")


def _rule(database: Database, site_id: str, id: str, comment: Labelled, reasons: Mapping[str, str | None]) -> None:
    with database.read() as conn:
        version = comments.get_comment(conn, site_id, id).version
    action, reason = (Action.REJECT, reasons[comment.subject]) if comment.is_toxic else (Action.PUBLISH, None)
    api_decisions.rule(database, site_id, id, action, version=version, reason=reason, now=now())


def _measured(database: Database, site_id: str, judged: Sequence[Labelled], models: Models) -> Newsroom:
    material = trials.material(database, site_id, now=now())
    own = [(case.id, case.text, case.title) for case in material.cases]
    signals = cases.signals_of(database, site_id, own, models.score, now=now())
    others = [(str(number), comment.text, "") for number, comment in enumerate(judged)]
    by_id = cases.signals_of(database, site_id, others, models.score, now=now())
    tell(f"{len(judged):,} comments measure harm")
    return Newsroom(database, site_id, material, signals, [by_id.get(id, ()) for id, _, _ in others])
