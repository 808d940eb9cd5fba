"""Every call and every form that changes something leaves an entry in the audit trail, or a decision, with who did it.

The lists below name every route that takes more than reading. A new one that is in none of them fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from moderation.ground.database.engine import new_id
from moderation.ground.values.comments import Comment
from moderation.ground.values.modes import Mode, ModeName
from moderation.insight.checks import rows as checks
from moderation.insight.learning import rows as learning
from moderation.insight.learning.limits import wished_limits
from moderation.insight.learning.shadows import rows as store_of_shadows
from moderation.insight.learning.shadows.tables import shadows
from moderation.insight.learning.tables import site_weights
from moderation.insight.trends import figure_rows as figures
from moderation.law.appeals import making
from moderation.law.appeals.tables import appeals
from moderation.law.appeals.values import AppealSource
from moderation.law.modes import rows as mode_rows
from moderation.law.modes.tables import modes
from moderation.law.notices import giving
from moderation.law.notices.tables import notifier_suspensions
from moderation.law.notices.values import NewNotice, Place
from moderation.moderators.campaigns.tables import campaigns
from moderation.moderators.finding import audit_trail
from moderation.moderators.finding import audited_decision_rows as audited_decisions
from moderation.moderators.queue.desk import saved_views
from moderation.moderators.queue.tables import duties
from moderation.moderators.review import reviewing
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from moderation.operations.alerts import rows as alert_rows
from moderation.operations.alerts.tables import alert_targets
from moderation.pipeline.rescoring.tables import rescores
from moderation.pipeline.settling import judgements as settling
from moderation.sites import keys
from moderation.sites import sites as sites_of
from moderation.sites.audit import actors
from moderation.sites.audit import rows as audit_entries
from moderation.sites.audit.rows import AuditEntry
from moderation.sites.audit.tables import audit
from moderation.sites.keys import NewKey, Scope
from moderation.sites.people import identity_rows, totp
from moderation.sites.people.identity_rows import Identity
from moderation.sites.people.tables import invitations, sessions
from moderation.sites.rules import writing
from moderation.sites.rules.tables import rule_books
from moderation.sites.rules.values import HouseRule, Must, RuleCase
from moderation.sites.second_readers import rows as second_readers
from moderation.sites.second_readers.tables import second_readers as second_reader_table
from moderation.sites.tables import api_keys, memberships, moderators, policies, site_texts, sites, webhook_failures
from moderation.spine.articles.tables import articles, author_measures, authors
from moderation.spine.comments.tables import BY_PEOPLE, decisions, notices
from moderation.spine.second_readings import replay_rows, trial_rows
from service import compat
from service.context import EXTENSION, utc_now
from service.openid.calling import ProviderCaller
from service.openid.client import OpenId, Registration
from tests.builders import OPERATOR, a_check
from tests.service.bodies import CHECKS, KEPT_DAYS
from tests.service.conftest import Caller
from tests.service.desk.browsing import SAME_ORIGIN, Browser
from tests.service.desk.cast import PASSWORD, Cast

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

SEEN = 2  # the version of a comment that was scored once
READS = {"GET", "HEAD", "OPTIONS"}
NOT_AUDITED = {
    "POST /v1/comments": "a reader's comment: it is stored itself, with when it came and by which request",
    "POST /v1/comments:batch": "the same, for many",
    "POST /v1/reader/comments": "the same, by the reader whom the site has signed",
    "PATCH /v1/reader/comments/<id>": "a reader's edit, which is an event with the text before it",
    "DELETE /v1/reader/comments/<id>": "a reader's withdrawal, which is an event",
    "POST /v1/reader/reports": "a reader's report, which is stored itself",
    "POST /v1/reader/moderated/<id>": "a moderator's decision, which is a row with its moderator",
    "POST /v1/reader/appeals": "an author's appeal, which is stored itself",
    "POST /v1/decisions/<id>/appeal": "the same, by the site",
    "POST /v1/author-measures/<id>/appeal": "the same, against a suspension or a ban",
    "POST /statements/<token>": "the same, by the author's form",
    "POST /embed/v1/notice/<site>": "a visitor's notice: it is stored itself, and notice.received is in the trail",
    "POST /v1/articles:counts": "reads",
    "POST /v1/check": "scores a text that is stored nowhere",
    "PATCH /v1/comments/<id>": "an edit: every text that a comment had is kept",
    "DELETE /v1/comments/<id>": "a withdrawal: the comment's own status says so",
    "POST /v1/comments/<id>/reports": "a reader's report, which is stored itself",
    "POST /v1/notices": "a notice of illegal content, which is stored itself, with who gave it",
    "POST /desk/login": "log-in: the start of the session is in the trail, a refusal changes nothing",
    "POST /desk/login/resume": "shows the entries of a form to a person who has logged in",
    "POST /desk/account/provider": "begins a login with the provider: its end is in the trail",
    "POST /desk/policy/try": "tries a policy on past comments and saves nothing",
    "POST /desk/rules/import": "shows what files would change in the rule book, and saves nothing",
    "POST /desk/rules/test": "what a moderator answers in training: it decides nothing and is stored itself",
    "POST /desk/rules/test/again": "forgets these answers, for one moderator",
    "POST /desk/policy/override/try": "the same for a section or an article",
    "POST /desk/comments/<uuid:comment_id>/claim": "a claim ends by itself and decides nothing",
    "POST /desk/comments/<uuid:comment_id>/lighter": "shows a lighter comment first, to one moderator",
    "POST /desk/checks/<uuid:comment_id>/skip": "puts a check off for one moderator, for an hour",
    "POST /desk/comments/<uuid:comment_id>/skip": "puts a comment off for one moderator, for an hour",
    "POST /desk/comments/<uuid:comment_id>/skip/take-back": "takes that back",
    "POST /desk/hints": "a hint that a moderator hides from their own queue for a shift",
    "POST /desk/skips/take-back": "the same, for all that the moderator put off",
    "POST /desk/comments/<uuid:comment_id>/questions": "a question to a colleague: it is stored itself, with who asked",
    "POST /desk/questions/<uuid:question_id>/answer": "the answer, which is stored with it",
    "POST /desk/questions/<uuid:question_id>/take-back": "the asker needs no answer any more",
    "POST /desk/comments/<uuid:comment_id>/owner": "which lead reads an escalated comment: it decides nothing",
    "POST /desk/articles/<uuid:article_id>/watch": "an article that one moderator watches",
    "POST /desk/views": "a view that one moderator keeps for themselves",
    "POST /desk/preferences": "how the desk looks to one moderator",
    "POST /desk/account/language": "how the desk looks to one moderator",
    "POST /desk/break": "when one moderator rests",
    "POST /desk/start": "a start list that a lead hides from their own queue",
}


CODE = re.compile(r"[\[\]]|\b(None|True|False|null|datetime)\b|<\w|%\(|['\"]\w+['\"]:|[a-z]_[a-z]")


@dataclass
class World:
    """The cast, with Dora at the desk as an admin and a key of the Herald's."""

    cast: Cast
    app: Flask
    key: NewKey

    def __post_init__(self) -> None:
        self.dora = Browser(self.app.test_client()).log_in("Dora")
        self.api = Caller(self.app.test_client(), self.key.token)

    def rows(self) -> int:
        """Entries in the trail, and decisions of people and keys."""
        counts = (
            sa.select(sa.func.count()).select_from(audit),
            sa.select(sa.func.count()).select_from(decisions).where(sa.text(BY_PEOPLE)),
        )
        with self.cast.database.read() as conn:
            return sum(conn.execute(count).scalar_one() for count in counts)

    def as_code(self) -> list[str]:
        """Sentences of the trail's page that show a value as Python or JSON writes it."""
        page = self.dora.get("/desk/audit")
        if page.path != "/desk/audit":  # the change was to log out
            page = Browser(self.app.test_client()).log_in("Dora").get("/desk/audit")
        sentences = [" ".join(cell.get_text(" ").split()) for cell in page.html.select(".trail td:nth-child(2)")]
        assert sentences
        return [sentence for sentence in sentences if CODE.search(sentence)]

    def mode(self) -> str:
        """One of the Herald's that holds, written without an entry; made once."""
        with self.cast.database.read() as conn:
            known = conn.execute(sa.select(modes.c.id)).scalar_one_or_none()
        if known is not None:
            return str(known)
        now = utc_now()
        ends = now + timedelta(hours=1)
        made = Mode(new_id(), self.cast.herald.id, ModeName.CLOSED, now, ends, ends)
        with self.cast.database.write() as conn:
            mode_rows.insert(conn, made)
        return made.id

    def notice(self) -> str:
        """By a notifier whom its receipt warned; made once."""
        with self.cast.database.read() as conn:
            known = conn.execute(sa.select(notices.c.id)).scalar_one_or_none()
        if known is not None:
            return str(known)
        database, comment = self.cast.database, self.cast.published()
        new = NewNotice(comment.external_id, "It is a crime.", "Karl", "karl@mail.example")
        given = giving.give(database, self.cast.herald.id, new, by=actors.SYSTEM, now=self.cast.now)
        with database.write() as conn:
            conn.execute(notices.update().values(place=Place.UNFOUNDED))
        return given.notice.id

    def connected(self) -> str:
        """Dora's account with a login at a provider, written without an entry; made once."""
        issuer, dora = "https://login.example", self.cast.ids["Dora"]
        registration = Registration(issuer, "gavel", "", "openid", "groups")
        parts = self.app.extensions[EXTENSION]
        self.app.extensions[EXTENSION] = replace(parts, openid=OpenId(registration, ProviderCaller(False)))
        with self.cast.database.write() as conn:
            if identity_rows.of_moderator(conn, dora, issuer) is None:
                identity_rows.insert(conn, Identity(issuer, "s-1", dora, self.cast.now))
        return issuer

    def rules(self) -> str:
        """A case of the first of two house rules; made once."""
        database, site_id, by, now = self.cast.database, self.cast.herald.id, actors.SYSTEM, self.cast.now
        book = writing.rule_book(database, site_id)
        if not book.rules:
            for name in ("insults", "threats"):
                rule = HouseRule(name, f"No {name}", "Argue with what people say.")
                writing.put_rule(database, site_id, rule, by=by, now=now)
            case = RuleCase(new_id(), "You fool.", Must.HELD, now, str(by), why="Typical")
            book = writing.add_case(database, site_id, "insults", case, by=by, now=now)
        return book.rules[0].cases[0].id

    def appeal(self) -> str:
        """Against Ana's rejection of a comment; made once."""
        with self.cast.database.read() as conn:
            known = conn.execute(sa.select(appeals.c.id)).scalar_one_or_none()
        if known is not None:
            return str(known)
        cast, comment = self.cast, self.cast.flagged("She lies.")
        choice = ModeratorChoice(Choice.REJECT, SEEN)
        made = reviewing.decide(cast.database, cast.moderator("Ana"), comment.id, choice, now=cast.now, hold_s=0)
        source = AppealSource.PAGE
        return making.appeal(cast.database, cast.herald.id, made.id, "I quoted her.", source=source, now=cast.now).id

    def state(self) -> dict[str, list[Any]]:
        """Everything that an audited change may change."""
        tables = (
            campaigns,
            sites,
            api_keys,
            policies,
            memberships,
            invitations,
            moderators,
            sessions,
            rescores,
            shadows,
            site_weights,
            webhook_failures,
            alert_targets,
            duties,
            second_reader_table,
            modes,
            notifier_suspensions,
            site_texts,
            rule_books,
        )
        queries = {table.name: sa.select(table) for table in tables}
        queries["appeals"] = sa.select(appeals.c.outcome).where(appeals.c.outcome.is_not(None))
        queries["authors"] = sa.select(authors.c.standing).where(authors.c.standing != "normal")
        queries["campaigns"] = sa.select(campaigns.c.id).where(campaigns.c.treatment.is_not(None))
        queries["names"] = sa.select(authors.c.name).where(authors.c.name.is_(None))
        queries["articles"] = sa.select(articles.c.state).where(articles.c.state != "open")
        with self.cast.database.read() as conn:
            return {name: sorted(map(str, conn.execute(query))) for name, query in queries.items()}

    def newest(self) -> AuditEntry:
        """The newest entry or decision of a person or a key."""
        herald = self.cast.herald.id
        with self.cast.database.read() as conn:
            found = audit_entries.entries(conn, herald, before=None, limit=1)
            found += audited_decisions.decided(conn, herald, before=None, limit=1)
        return max(found, key=lambda entry: entry.id)

    def post(self, path: str, **fields: Any) -> TestResponse:
        data = {"site": self.cast.herald.id, **fields}
        return self.dora.client.post(path, data=data, headers=SAME_ORIGIN)

    def flagged(self, **said: Any) -> Comment:
        return self.cast.flagged("You fool.", id="c-1", **said)

    def decided(self) -> str:
        comment = self.flagged()
        self.post(f"/desk/comments/{comment.id}/decisions", choice="approve", version=SEEN, view="")
        with self.cast.database.read() as conn:
            return str(conn.execute(sa.select(decisions.c.id).order_by(decisions.c.id.desc()).limit(1)).scalar_one())

    def batch(self) -> str:
        self.flagged()
        return self.dora.get("/desk/bulk").press("Approve 1").path.rpartition("/")[2]

    def measure(self) -> str:
        """The newest one about an author."""
        query = sa.select(author_measures.c.id).order_by(author_measures.c.id.desc()).limit(1)
        with self.cast.database.read() as conn:
            return str(conn.execute(query).scalar_one())

    def campaign(self) -> str:
        """Of two copies that wait; made once."""
        with self.cast.database.read() as conn:
            known = conn.execute(sa.select(campaigns.c.id)).scalar_one_or_none()
        if known is not None:
            return str(known)
        text = "The mayor has sold the harbour to his own brother for one euro and a boat."
        for number, author in enumerate(("Ann", "Bob")):
            self.cast.flagged(text, author=author, id=f"copy-{number}")
        return self.campaign()

    def invitation(self, email: str = "eve@example.org") -> str:
        page = self.dora.get("/desk/people", site=self.cast.herald.id).press("Create a link", email=email)
        (code,) = page.html.select(".notice code")
        return code.get_text().removeprefix("http://localhost")


def suspend_notifier(world: World) -> TestResponse:
    return world.post(f"/desk/notices/{world.notice()}/suspension", days="30")


def lift_notifier(world: World) -> TestResponse:
    suspend_notifier(world)
    return world.post(f"/desk/notices/{world.notice()}/suspension/end")


def decide_appeal(world: World) -> TestResponse:
    return world.post(f"/desk/appeals/{world.appeal()}/outcome", reason="rule_broken")


def renew_recovery_codes(world: World) -> TestResponse:
    second_factor(world)
    return world.post("/desk/account/recovery-codes", password=PASSWORD)


def disconnect_provider(world: World) -> TestResponse:
    world.connected()
    return world.post("/desk/account/provider/end", password=PASSWORD)


def second_factor(world: World) -> TestResponse:
    secret = totp.new_secret()
    code = totp.code_at(secret, int(datetime.now(UTC).timestamp()) // totp.STEP_S)
    return world.post("/desk/account/second-factor", password=PASSWORD, secret=secret, code=code)


def send_test(world: World) -> TestResponse:
    return world.api.post("/v1/site/webhook-test")


ALERTS = {
    "channel": "mail", "address": "ana@herald.example", "kinds": "threat", "language": "en", "zone": "UTC",
    "queue_size": "100", "queue_hours": "24", "pause_minutes": "10",
}  # fmt: skip


READER = {"name": "Llama", "contract": "chat", "base_url": "http://127.0.0.1:9/v1", "model": "llama-3"}


def second_reader(world: World) -> str:
    """Its address at the desk."""
    world.post("/desk/second-readers", **READER)
    with world.cast.database.read() as conn:
        return f"/desk/second-readers/{second_readers.of_site(conn, world.cast.herald.id)[0].id}"


def replay_reader(world: World) -> TestResponse:
    world.rules()
    world.flagged()
    return world.post(f"{second_reader(world)}/replays", purpose="try")


def stop_replay(world: World) -> TestResponse:
    replay_reader(world)
    with world.cast.database.read() as conn:
        (replay,) = replay_rows.running(conn, world.cast.herald.id)
    return world.post(f"/desk/second-readers/{replay.reader_id}/replays/{replay.id}/stop")


def stop_trial(world: World) -> TestResponse:
    address = second_reader(world)
    world.post(f"{address}/trials")
    with world.cast.database.read() as conn:
        trial = trial_rows.newest(conn, address.rpartition("/")[2])
    assert trial is not None
    return world.post(f"{address}/trials/{trial.id}/stop")


def a_key(world: World) -> str:
    return world.key.id


def alert_target(world: World) -> str:
    world.post("/desk/alerts", **ALERTS)
    with world.cast.database.read() as conn:
        return alert_rows.targets(conn, world.cast.herald.id)[0].id


def send_test_at_desk(world: World) -> TestResponse:
    return world.post("/desk/failed/webhook-test")


def put_in_policy(world: World) -> TestResponse:
    return world.api.put("/v1/policy", {"version": 1, "required": [], "rules": []})


def give_up(world: World) -> TestResponse:
    comment = world.cast.waiting("Cannot be scored.", id="c-9")
    settling.give_up(world.cast.database, [comment.id], now=world.cast.now, detail="every attempt failed")
    return world.post("/desk/failed")


def save_override(world: World) -> TestResponse:
    fields = {"mode-toxicity": "own", "limit-toxicity": "0.9"}
    return world.post("/desk/policy/override", kind="sections", name="Sport", version="1", note="", **fields)


def remove_override(world: World) -> TestResponse:
    save_override(world)
    return world.post("/desk/policy/override/remove", kind="sections", name="Sport", version="2", note="")


def withdraw_invitation(world: World) -> TestResponse:
    world.invitation()
    page = world.dora.get("/desk/people", site=world.cast.herald.id)
    return page.press("Withdraw the invitation of eve@example.org").response


def decide_range(world: World) -> TestResponse:
    world.flagged()
    return world.dora.get("/desk/bulk").press("Approve 1").response


def decide_selection(world: World) -> TestResponse:
    comment = world.flagged()
    return world.post("/desk/bulk/selection", choice="approve", ids=f"{comment.id}:{SEEN}")


def decide(world: World) -> TestResponse:
    comment = world.flagged()
    return world.post(f"/desk/comments/{comment.id}/decisions", choice="reject:Off topic", version=SEEN, view="")


def decide_in_list(world: World) -> TestResponse:
    comment = world.flagged()
    return world.post(f"/desk/list/{comment.id}", choice="reject:Off topic", version=SEEN, view="")


def judge_check(world: World) -> TestResponse:
    """One that was drawn, judged as the policy did."""
    comment = world.cast.published()
    with world.cast.database.write() as conn:
        checks.insert(conn, [a_check(comment_id=comment.id, site_id=comment.site_id, decided_at=None, outcome=None)])
    return world.post(f"/desk/checks/{comment.id}/judgement", choice="approve", version=SEEN)


def feature(world: World) -> TestResponse:
    comment = world.cast.published()
    return world.post(f"/desk/comments/{comment.id}/feature", featured="1", version=SEEN, view="")


def redo_batch(world: World) -> TestResponse:
    batch = world.batch()
    world.post(f"/desk/batches/{batch}/undo")
    return world.post(f"/desk/batches/{batch}/redo")


def decide_by_api(world: World) -> TestResponse:
    world.flagged()
    return world.api.post("/v1/comments/c-1/decisions", {"action": "reject", "version": SEEN})


def decide_campaign(world: World) -> TestResponse:
    path = f"/desk/campaigns/{world.campaign()}"
    return world.dora.get(path).press("Reject 2").response


def treat_campaign(world: World) -> TestResponse:
    return world.api.put(f"/v1/campaigns/{world.campaign()}/treatment", {"action": "flag"})


def end_treatment_by_api(world: World) -> TestResponse:
    id = world.campaign()
    world.api.put(f"/v1/campaigns/{id}/treatment", {"action": "flag"})
    return world.api.delete(f"/v1/campaigns/{id}/treatment")


def end_treatment(world: World) -> TestResponse:
    id = world.campaign()
    world.api.put(f"/v1/campaigns/{id}/treatment", {"action": "flag"})
    return world.post(f"/desk/campaigns/{id}/treatment/end")


def erase_author(world: World) -> TestResponse:
    world.api.post("/v1/comments", {"article": {"id": "a-1"}, "author": {"id": "r-1", "name": "Dana"}, "text": "Text."})
    return world.api.delete("/v1/authors/r-1")


def take_measure(world: World) -> TestResponse:
    author = world.cast.published().author_id
    return world.post(f"/desk/authors/{author}/measures", measure="hold", reason="Spam", days="")


def undo_measure(world: World) -> TestResponse:
    take_measure(world)
    return world.post(f"/desk/measures/{world.measure()}/undo")


def take_by_api(world: World) -> TestResponse:
    world.cast.published(author="Dana")
    return world.api.post("/v1/authors/dana/measures", {"measure": "suspend", "days": 7, "reason": "Insults"})


def undo_by_api(world: World) -> TestResponse:
    take_by_api(world)
    return world.api.post(f"/v1/author-measures/{world.measure()}/undo")


def a_shared_view(world: World) -> str:
    """The path of a view that Dora shared with the Herald's desk."""
    ours = world.cast.herald.id
    made = saved_views.save(
        world.cast.database,
        world.cast.moderator("Dora"),
        name="Sport",
        query=f"section=Sport&site={ours}",
        now=world.cast.now,
    )
    world.post(f"/desk/views/{made.id}/share")
    return f"/desk/views/{made.id}"


def share_view(world: World) -> TestResponse:
    path = a_shared_view(world)
    return world.post(f"{path}/share")


def restore_view(world: World) -> TestResponse:
    path = a_shared_view(world)
    world.post(f"{path}/delete")
    return world.post(f"{path}/restore")


def set_role(world: World) -> TestResponse:
    return world.post(f"/desk/people/{world.cast.ids['Ana']}/role", role="lead")


def set_reasons(world: World) -> TestResponse:
    page = world.dora.get("/desk/reasons", site=world.cast.herald.id)
    return page.press("Save", **{"messages-0-en": "Stay with the article. {measure}"}).response


def change_password(world: World) -> TestResponse:
    return world.post("/desk/account/password", old=PASSWORD, new="an even longer passphrase")


def use_learnt(world: World) -> TestResponse:
    """A version that was learnt, and one learnt after it."""
    with world.cast.database.write() as conn:
        for weights in (b"old", b"new"):
            learning.insert_weights(conn, world.cast.herald.id, "spam", weights, {}, now=world.cast.now)
    return world.post("/desk/learning/versions/use", signal="spam", version="1")


def start_shadow(world: World) -> TestResponse:
    return world.post("/desk/learning/shadow", name="Stricter", signal="toxicity", limit="0.5", action="flag")


def shadow(world: World) -> str:
    start_shadow(world)
    with world.cast.database.read() as conn:
        return store_of_shadows.of_site(conn, world.cast.herald.id, limit=1)[0].id


def switch_on(world: World) -> TestResponse:
    return world.dora.get(f"/desk/learning/shadow/{shadow(world)}").press("Switch on").response


def use_limits(world: World) -> TestResponse:
    """The policy without a limit is always among those that were counted."""
    counted = {
        "signal": "toxicity",
        "rejecting": None,
        "curve": [{"limit": None, "wrong": None}],
        "missing": [],
        "reckoning": 2,
    }
    with world.cast.database.write() as conn:
        figures.keep(conn, world.cast.herald.id, wished_limits.KIND, counted, now=world.cast.now)
    fields = {"counted_at": world.cast.now.isoformat(), "limit": "none", "version": "1"}
    return world.post("/desk/learning/limits/use", where="policy", **fields)


def save_rule(world: World) -> TestResponse:
    world.rules()
    book = writing.rule_book(world.cast.database, world.cast.herald.id)
    words = {"name": "No insults", "sentence": "Argue about the matter."}
    return world.post("/desk/rules/rule/insults", version=str(book.version), **words)


def remove_rule(world: World) -> TestResponse:
    world.rules()
    return world.post("/desk/rules/rule/threats/remove")


def order_rules(world: World) -> TestResponse:
    world.rules()
    return world.post("/desk/rules/order", **{"place-insults": "2", "place-threats": "1"})


def add_case(world: World) -> TestResponse:
    world.rules()
    return world.post("/desk/rules/rule/threats/cases", text="I will find you.", must="held", why="Typical")


def remove_case(world: World) -> TestResponse:
    return world.post(f"/desk/rules/rule/insults/cases/{world.rules()}/remove")


def collect_case(world: World) -> TestResponse:
    world.rules()
    comment = world.cast.published("Well said, all of it.")
    return world.post(f"/desk/rules/collect/{comment.id}", rule="insults", must="pass", why="Civil")


def import_rules(world: World) -> TestResponse:
    version = writing.rule_book(world.cast.database, world.cast.herald.id).version
    return world.post("/desk/rules/import/save", text="## No spam\n\n> Sell nothing here.\n", version=version)


def give_second_look(world: World) -> TestResponse:
    id, comment = shadow(world), world.cast.published(scores={"toxicity": 0.6})
    return world.post(f"/desk/learning/shadow/{id}/differences/{comment.id}", right="shadow")


Change = Callable[[World], TestResponse]
BY_KEY: dict[str, Change] = {
    "PUT /v1/articles/<id>": lambda w: w.api.put("/v1/articles/a-1", {"title": "T", "state": "closed"}),
    "POST /v1/comments/<id>/decisions": decide_by_api,
    "PUT /v1/policy": put_in_policy,
    "PUT /v1/site": lambda w: w.api.put("/v1/site", {"webhook_url": "https://news.example/hook"}),
    "POST /v1/site/webhook-test": send_test,
    "POST /v1/site/webhook-secret": lambda w: w.api.post("/v1/site/webhook-secret"),
    "PUT /v1/site/failure-policy": lambda w: w.api.put(
        "/v1/site/failure-policy", {"patience_s": 60, "when_down": "rules_only"}
    ),
    "PUT /v1/site/retention": lambda w: w.api.put("/v1/site/retention", dict.fromkeys(KEPT_DAYS, 9)),
    "PUT /v1/site/author-limits": lambda w: w.api.put("/v1/site/author-limits", {"comments_per_author_per_minute": 5}),
    "PUT /v1/site/origins": lambda w: w.api.put("/v1/site/origins", {"origins": ["https://news.example"]}),
    "PATCH /v1/site/settings": lambda w: w.api.patch("/v1/site/settings", {"akismet_counts_toxicity": True}),
    "PUT /v1/site/checks": lambda w: w.api.put("/v1/site/checks", {**CHECKS, "check_share": 0.02}),
    "PUT /v1/site/texts": lambda w: w.api.put("/v1/site/texts", {"language": "de", "texts": {"reply": "Dazu"}}),
    "PUT /v1/site/languages": lambda w: w.api.put(
        "/v1/site/languages", {"trusted_languages": ["fr"], "held_languages": []}
    ),
    "DELETE /v1/authors/<path:id>": erase_author,
    "POST /v1/campaigns/<id>/decisions": lambda w: w.api.post(
        f"/v1/campaigns/{w.campaign()}/decisions", {"action": "reject"}
    ),
    "PUT /v1/site/duties/<reason>": lambda w: w.api.put("/v1/site/duties/threat", {"people": [w.cast.ids["Ana"]]}),
    "POST /v1/site/alerts": lambda w: w.api.post("/v1/site/alerts", {"channel": "mail", "address": "a@paper.example"}),
    "POST /v1/site/alerts/<id>/test": lambda w: w.api.post(f"/v1/site/alerts/{alert_target(w)}/test"),
    "DELETE /v1/site/alerts/<id>": lambda w: w.api.delete(f"/v1/site/alerts/{alert_target(w)}"),
    "POST /v1/site/modes": lambda w: w.api.post("/v1/site/modes", {"mode": "slow", "hours": 1}),
    "DELETE /v1/site/modes/<id>": lambda w: w.api.delete(f"/v1/site/modes/{w.mode()}"),
    "PUT /v1/campaigns/<id>/treatment": treat_campaign,
    "DELETE /v1/campaigns/<id>/treatment": end_treatment_by_api,
    "POST /v1/authors/<path:id>/measures": take_by_api,
    "POST /v1/author-measures/<id>/undo": undo_by_api,
    "PUT /v1/site/author-ladder": lambda w: w.api.put(
        "/v1/site/author-ladder",
        {"author_ladder": {"rejections": 3, "within_days": 30, "steps": [{"measure": "ban"}]}},
    ),
    "PUT /v1/site/rejection-reasons": lambda w: w.api.put(
        "/v1/site/rejection-reasons", {"rejection_reasons": ["Rude"]}
    ),
}
BY_PERSON: dict[str, Change] = {
    "POST /desk/policy": lambda w: w.post("/desk/policy", version="1", note="", **{"limit-0": "0.7", "use-0": "1"}),
    "POST /desk/policy/versions/<int(max=999999999):version>/restore": lambda w: w.post(
        "/desk/policy/versions/1/restore"
    ),
    "POST /desk/policy/override": save_override,
    "POST /desk/policy/override/remove": remove_override,
    "POST /desk/checks/<uuid:comment_id>/judgement": judge_check,
    "POST /desk/comments/<uuid:comment_id>/decisions": decide,
    "POST /desk/decisions/<uuid:decision_id>/undo": lambda w: w.post(f"/desk/decisions/{w.decided()}/undo", view=""),
    "POST /desk/comments/<uuid:comment_id>/feature": feature,
    "POST /desk/bulk": decide_range,
    "POST /desk/bulk/selection": decide_selection,
    "POST /desk/batches/<uuid:batch_id>/undo": lambda w: w.post(f"/desk/batches/{w.batch()}/undo"),
    "POST /desk/batches/<uuid:batch_id>/redo": redo_batch,
    "POST /desk/authors/<uuid:author_id>/measures": take_measure,
    "POST /desk/measures/<uuid:measure_id>/undo": undo_measure,
    "POST /desk/reasons": set_reasons,
    "POST /desk/settings": lambda w: w.post("/desk/settings", group="NoticeSettings", hide_noticed="1"),
    "POST /desk/languages": lambda w: w.post("/desk/languages", language="tr", trust="trusted"),
    "POST /desk/campaigns/<uuid:campaign_id>/decisions": decide_campaign,
    "POST /desk/campaigns/<uuid:campaign_id>/treatment/end": end_treatment,
    "POST /desk/appeals/<uuid:appeal_id>/outcome": decide_appeal,
    "POST /desk/list/<uuid:comment_id>": decide_in_list,
    "POST /desk/notices/<uuid:notice_id>/suspension": suspend_notifier,
    "POST /desk/notices/<uuid:notice_id>/suspension/end": lift_notifier,
    "POST /desk/rules": lambda w: w.post("/desk/rules", name="No spam", sentence="Sell nothing here."),
    "POST /desk/rules/order": order_rules,
    "POST /desk/rules/import/save": import_rules,
    "POST /desk/rules/rule/<key>": save_rule,
    "POST /desk/rules/rule/<key>/remove": remove_rule,
    "POST /desk/rules/rule/<key>/cases": add_case,
    "POST /desk/rules/rule/<key>/cases/<uuid:case_id>/remove": remove_case,
    "POST /desk/rules/collect/<uuid:comment_id>": collect_case,
    "POST /desk/second-readers": lambda w: w.post("/desk/second-readers", **READER),
    "POST /desk/second-readers/<uuid:reader_id>/state": lambda w: w.post(f"{second_reader(w)}/state", state="shadow"),
    "POST /desk/second-readers/<uuid:reader_id>/replays": replay_reader,
    "POST /desk/second-readers/<uuid:reader_id>/replays/<uuid:replay_id>/stop": stop_replay,
    "POST /desk/second-readers/<uuid:reader_id>/trials": lambda w: w.post(f"{second_reader(w)}/trials"),
    "POST /desk/second-readers/<uuid:reader_id>/trials/<uuid:trial_id>/stop": stop_trial,
    "POST /desk/second-readers/<uuid:reader_id>/remove": lambda w: w.post(f"{second_reader(w)}/remove"),
    "POST /desk/failed": give_up,
    "POST /desk/duties": lambda w: w.post("/desk/duties", reason="threat", people=w.cast.ids["Ana"]),
    "POST /desk/keys": lambda w: w.post("/desk/keys", name="page", scopes="public"),
    "POST /desk/keys/<uuid:key_id>/rotate": lambda w: w.post(f"/desk/keys/{a_key(w)}/rotate", hours="24"),
    "POST /desk/keys/<uuid:key_id>/revoke": lambda w: w.post(f"/desk/keys/{a_key(w)}/revoke"),
    "POST /desk/alerts": lambda w: w.post("/desk/alerts", **ALERTS),
    "POST /desk/alerts/<uuid:target_id>/test": lambda w: w.post(f"/desk/alerts/{alert_target(w)}/test"),
    "POST /desk/alerts/<uuid:target_id>/remove": lambda w: w.post(f"/desk/alerts/{alert_target(w)}/remove"),
    "POST /desk/failed/webhook-test": send_test_at_desk,
    "POST /desk/people/invite": lambda w: w.post("/desk/people/invite", email="eve@example.org", role="lead"),
    "POST /desk/people/withdraw": withdraw_invitation,
    "POST /desk/people/<uuid:moderator_id>/role": set_role,
    "POST /desk/invitations/<token>": lambda w: w.post(w.invitation("dora@example.org")),
    "POST /desk/articles/<uuid:article_id>/state": lambda w: w.post(
        f"/desk/articles/{w.cast.published().article_id}/state", state="closed"
    ),
    "POST /desk/modes": lambda w: w.post("/desk/modes", mode="slow", hours="1"),
    "POST /desk/modes/<uuid:mode_id>/end": lambda w: w.post(f"/desk/modes/{w.mode()}/end"),
    "POST /desk/views/<uuid:view_id>/share": share_view,
    "POST /desk/views/<uuid:view_id>/rename": lambda w: w.post(f"{a_shared_view(w)}/rename", name="Sports"),
    "POST /desk/views/<uuid:view_id>/delete": lambda w: w.post(f"{a_shared_view(w)}/delete"),
    "POST /desk/views/<uuid:view_id>/restore": restore_view,
    "POST /desk/account/password": change_password,
    "POST /desk/account/second-factor": second_factor,
    "POST /desk/account/provider/end": disconnect_provider,
    "POST /desk/account/recovery-codes": renew_recovery_codes,
    "POST /desk/account/sessions/end": lambda w: w.post("/desk/account/sessions/end"),
    "POST /desk/learning/versions/use": use_learnt,
    "POST /desk/learning/shadow": start_shadow,
    "POST /desk/policy/shadow": lambda w: w.post("/desk/policy/shadow"),
    "POST /desk/learning/shadow/<uuid:shadow_id>/stop": lambda w: w.post(f"/desk/learning/shadow/{shadow(w)}/stop"),
    "POST /desk/learning/shadow/<uuid:shadow_id>/switch-on": switch_on,
    "POST /desk/learning/shadow/<uuid:shadow_id>/differences/<uuid:comment_id>": give_second_look,
    "POST /desk/learning/checks": lambda w: w.post(
        "/desk/learning/checks",
        check_share="3",
        check_most_per_day="20",
        most_wrong_published="2",
        most_wrong_rejected="2",
        read_per_day="300",
    ),
    "POST /desk/learning/limits": lambda w: w.post(
        "/desk/learning/limits", most_wrong_published="3", most_wrong_rejected="2", read_per_day="50", signal="toxicity"
    ),
    "POST /desk/learning/limits/use": use_limits,
    "POST /desk/logout": lambda w: w.post("/desk/logout"),
}
PREPARED = {  # of these only the last step counts, which the change itself prepares
    "POST /v1/site/alerts/<id>/test": 2,
    "DELETE /v1/site/alerts/<id>": 2,
    "POST /desk/alerts/<uuid:target_id>/test": 2,
    "POST /desk/alerts/<uuid:target_id>/remove": 2,
    "POST /desk/second-readers/<uuid:reader_id>/state": 2,
    "POST /desk/second-readers/<uuid:reader_id>/replays": 2,
    "POST /desk/second-readers/<uuid:reader_id>/replays/<uuid:replay_id>/stop": 3,
    "POST /desk/second-readers/<uuid:reader_id>/trials": 2,
    "POST /desk/second-readers/<uuid:reader_id>/trials/<uuid:trial_id>/stop": 3,
    "POST /desk/second-readers/<uuid:reader_id>/remove": 2,
    "POST /desk/policy/override/remove": 2,
    "POST /desk/decisions/<uuid:decision_id>/undo": 2,
    "POST /desk/batches/<uuid:batch_id>/undo": 2,
    "POST /desk/batches/<uuid:batch_id>/redo": 3,
    "POST /desk/people/withdraw": 2,
    "POST /desk/account/recovery-codes": 2,
    "POST /desk/views/<uuid:view_id>/share": 2,
    "POST /desk/views/<uuid:view_id>/rename": 2,
    "POST /desk/views/<uuid:view_id>/delete": 2,
    "POST /desk/views/<uuid:view_id>/restore": 3,
    "POST /desk/campaigns/<uuid:campaign_id>/treatment/end": 2,
    "DELETE /v1/campaigns/<id>/treatment": 2,
    "POST /desk/measures/<uuid:measure_id>/undo": 2,
    "POST /desk/notices/<uuid:notice_id>/suspension/end": 2,
    "POST /v1/author-measures/<id>/undo": 2,
    "POST /desk/invitations/<token>": 2,
    "POST /desk/learning/versions/use": 1,
    "POST /desk/learning/shadow/<uuid:shadow_id>/stop": 2,
    "POST /desk/learning/shadow/<uuid:shadow_id>/switch-on": 3,
    "POST /desk/learning/shadow/<uuid:shadow_id>/differences/<uuid:comment_id>": 2,
}


@pytest.fixture
def world(cast: Cast, app: Flask) -> World:
    name, now = "news site", cast.now
    # Where nothing listens: a test of it fails at once, and the site's state changes
    sites_of.change_settings(
        cast.database, cast.herald.id, by=OPERATOR, now=now, private_webhooks=True, webhook_url="http://127.0.0.1:1/"
    )
    key = keys.create_key(cast.database, cast.herald.id, name=name, scopes=Scope, by=OPERATOR, now=now)
    return World(cast, app, key)


def test_every_route_that_changes_something_is_in_one_of_the_lists(app: Flask) -> None:
    dialects = tuple(f"{dialect.name}." for dialect in compat.DIALECTS)  # they store a text, a label or nothing
    routes = {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        if not rule.endpoint.startswith(dialects)
        for method in (rule.methods or set()) - READS
    }

    assert routes == BY_KEY.keys() | BY_PERSON.keys() | NOT_AUDITED.keys()
    assert len(routes) == len(BY_KEY) + len(BY_PERSON) + len(NOT_AUDITED)


@pytest.mark.parametrize("route", BY_KEY)
def test_a_change_by_a_key_is_noted_with_the_key(world: World, route: str) -> None:
    before = world.rows()

    response = BY_KEY[route](world)

    assert response.status_code < 300, response.text
    assert world.rows() > before
    who = "the site, by API" if route.endswith("/decisions") else f"key “news site” ({world.key.id})"
    assert audit_trail.actor_in_words(world.newest()) == who
    assert not world.as_code()


@pytest.mark.parametrize("route", BY_PERSON)
def test_a_change_by_a_person_is_noted_with_their_name(world: World, route: str) -> None:
    before = world.rows()

    response = BY_PERSON[route](world)

    assert response.status_code < 400, response.text
    assert world.rows() >= before + PREPARED.get(route, 1)
    assert audit_trail.actor_in_words(world.newest()) == "Dora"
    assert not world.as_code()


DECIDING = (  # a decision is its own entry
    "decisions", "feature", "judgement", "undo", "redo", "bulk", "selection", "list/<uuid:comment_id>",
)  # fmt: skip
ALONE = [
    pytest.param(change, id=route)
    for route, change in (BY_KEY | BY_PERSON).items()
    if route not in PREPARED and not route.endswith(DECIDING)
]


MADE_BEFORE: dict[str, Callable[[World], str]] = {
    "modes/<": World.mode,
    "/appeals/": World.appeal,
    "/account/provider/end": World.connected,
    "/suspension": World.notice,
    "/desk/rules/": World.rules,
}
"""Makes the thing that a change is about, where making it would count as a change."""


@pytest.mark.parametrize("change", ALONE)
def test_a_change_that_cannot_be_noted_is_not_made(
    world: World, change: Change, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    for path, make in MADE_BEFORE.items():
        if path in request.node.name:
            make(world)

    def refuse(*_given: object) -> None:
        raise OSError("the disk is full")

    before = world.state()
    monkeypatch.setattr(audit_entries, "insert_entry", refuse)

    response = change(world)

    assert response.status_code == 500
    assert world.state() == before
    monkeypatch.undo()
    assert change(world).status_code < 400
    assert world.state() != before
