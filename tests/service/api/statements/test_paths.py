"""Many paths that a comment can take, and the five outputs about each: statement, export, transparency report, event
and page agree on what happened, who decided, and what led to it. The expected measures are written down by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup

from moderation.ground.database.engine import Database
from moderation.ground.values.decisions import Decision
from moderation.ground.values.signals import Signal
from moderation.ground.values.statuses import Action, CommentStatus, DecidedBy
from moderation.ground.values.verdicts import Reason, ReasonCode, Verdict
from moderation.ground.wording.sentences import spoken
from moderation.insight.checks import appealed
from moderation.insight.checks.error_rates import errors_between
from moderation.judging.signals.scoring import Scoring
from moderation.law.appeals import deciding
from moderation.law.appeals import rows as appeals
from moderation.law.appeals.values import AppealReason
from moderation.law.statements import exporting
from moderation.law.transparency_report import counting
from moderation.law.transparency_report.table import TransparencyPart, lines
from moderation.moderators.review import reviewing
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from moderation.operations.importing import past_comment, storing
from moderation.pipeline.loading import rows as loading
from moderation.pipeline.settling.judgements import settle
from moderation.sites import keys
from moderation.sites import rows as sites
from moderation.sites.keys import Scope
from moderation.sites.people import moderators
from moderation.sites.people.roles import Role
from moderation.sites.rows import Moderator, find_moderator
from moderation.sites.sites import NewSite
from moderation.spine.comments import decision_rows as decisions
from moderation.spine.comments import rows as comments
from moderation.spine.comments.door import record
from moderation.spine.comments.moves import Judgement, Move
from service.context import utc_now
from tests.builders import OPERATOR
from tests.service.bodies import a_body
from tests.service.conftest import Caller

TEXT = "The licence rules come into force in April."
INSULT = "Insult or abuse"
OWN, REPORT, NOTICE, FLAGGER = "own_initiative", "report", "notice", "trusted_flagger"
SOURCES = {
    OWN: "SOURCE_VOLUNTARY",
    REPORT: "SOURCE_TYPE_OTHER_NOTIFICATION",
    NOTICE: "SOURCE_ARTICLE_16",
    FLAGGER: "SOURCE_TRUSTED_FLAGGER",
}
SHOWN = {"not_published": "DISABLED", "removed": "REMOVED", "held": "DISABLED"}
PLACES = {
    OWN: (TransparencyPart.OWN_INITIATIVE, "all"),
    REPORT: (TransparencyPart.REPORTS, "all"),
    NOTICE: (TransparencyPart.NOTICES, "notices"),
    FLAGGER: (TransparencyPart.NOTICES, "trusted_flaggers"),
}
FULLY, PARTLY, PERSON = "fully", "partially", "not_automated"
REJECTED, REMOVED = ("not_published", PERSON, OWN), ("removed", PERSON, OWN)
BY_POLICY, TREATED = ("not_published", FULLY, OWN), ("not_published", PARTLY, OWN)

# Each path beside its measures: what happened, who decided, what led to it
PATHS: Mapping[str, list[tuple[str, str, str]]] = {
    "": [],
    "publish": [],
    "hold": [],
    "reject": [BY_POLICY],
    "treat": [TREATED],
    "hold ana-publishes": [],
    "hold ana-rejects": [REJECTED],
    "hold api-rejects": [REJECTED],
    "hold api-publishes api-rejects": [REMOVED],
    "publish ana-rejects": [REMOVED],
    "publish api-rejects": [REMOVED],
    "publish api-holds": [("held", PERSON, OWN)],
    "publish api-holds api-rejects": [REMOVED],
    "publish api-holds ana-rejects": [REMOVED],
    "publish api-holds ana-publishes": [("held", PERSON, OWN)],
    "publish api-holds ana-publishes ana-rejects": [("held", PERSON, OWN), REMOVED],
    "publish rescored": [("held", FULLY, OWN)],
    "publish rescored ana-rejects": [REMOVED],
    "publish rescored ana-publishes": [("held", FULLY, OWN)],
    "publish report ana-rejects": [("removed", PERSON, REPORT)],
    "publish reports": [("held", FULLY, REPORT)],
    "publish reports ana-rejects": [("removed", PERSON, REPORT)],
    "publish reports ana-publishes": [("held", FULLY, REPORT)],
    "publish reports ana-publishes notice ana-rejects": [("held", FULLY, REPORT), ("removed", PERSON, NOTICE)],
    "publish notice": [],
    "publish notice ana-rejects": [("removed", PERSON, NOTICE)],
    "publish notice api-rejects": [("removed", PERSON, NOTICE)],
    "publish notice ana-publishes": [],
    "publish notice ana-publishes ana-rejects": [REMOVED],
    "publish flagger": [],
    "publish flagger ana-rejects": [("removed", PERSON, FLAGGER)],
    "hiding publish flagger": [("held", FULLY, FLAGGER)],
    "hiding publish flagger notice ana-rejects": [("removed", PERSON, FLAGGER)],
    "hiding publish flagger ana-rejects": [("removed", PERSON, FLAGGER)],
    "hiding publish flagger api-rejects": [("removed", PERSON, FLAGGER)],
    "hiding publish flagger ana-publishes": [("held", FULLY, FLAGGER)],
    "hiding publish flagger ana-publishes ana-rejects": [("held", FULLY, FLAGGER), REMOVED],
    "hold notice ana-rejects": [("not_published", PERSON, NOTICE)],
    "hold flagger ana-rejects": [("not_published", PERSON, FLAGGER)],
    "reject ana-publishes": [BY_POLICY],
    "reject ana-publishes ana-rejects": [BY_POLICY, REMOVED],
    "hold ana-rejects undo-late": [REJECTED],
    "hold ana-rejects undo-late ana-rejects": [REJECTED],
    "hold ana-rejects-soon undo": [],
    "hold ana-rejects-soon undo ana-publishes": [],
    "hold ana-rejects-soon undo ana-rejects": [REJECTED],
    "hold ana-rejects undo undo": [REJECTED],
    "hold ana-publishes-soon undo ana-rejects": [REJECTED],
    "hold ana-publishes undo-late ana-rejects": [REMOVED],
    "publish ana-rejects undo-late": [REMOVED],
    "publish ana-rejects-soon undo": [],
    "publish reports ana-rejects undo-late ana-rejects": [("removed", PERSON, REPORT)],
    "hiding publish flagger ana-rejects-soon undo": [("held", FULLY, FLAGGER)],
    "reject appeal stood": [BY_POLICY],
    "reject appeal overturned": [BY_POLICY],
    "reject appeal overturned lead-rejects": [BY_POLICY, REMOVED],
    "publish reports appeal ana-rejects": [("removed", PERSON, REPORT)],
    "publish edit reject": [BY_POLICY],
    "publish edit hold ana-rejects": [REJECTED],
    "publish reports edit publish": [("held", FULLY, REPORT)],
    "reject edit reject": [BY_POLICY, BY_POLICY],
    "publish withdraw": [],
    "publish ana-rejects withdraw": [REMOVED],
    "hold escalate lead-rejects": [REJECTED],
    "banned hold ana-rejects": [REJECTED],
    "mode-holds ana-rejects": [REJECTED],
    "publish ana-rejects appeal stood": [REMOVED],
    "publish ana-rejects appeal overturned": [REMOVED],
    "hold ana-rejects appeal overturned": [REJECTED],
    "hold ana-rejects appeal overturned lead-rejects": [REJECTED, REMOVED],
    "publish reports ana-rejects appeal overturned": [("removed", PERSON, REPORT)],
    "publish notice ana-rejects appeal overturned": [("removed", PERSON, NOTICE)],
    "treat appeal overturned": [TREATED],
    "treat ana-publishes ana-rejects": [TREATED, REMOVED],
    "publish ana-rejects lead-publishes": [REMOVED],
    "publish ana-rejects lead-publishes lead-rejects": [REMOVED, REMOVED],
    "hold ana-rejects lead-publishes": [REJECTED],
    "publish edit hold ana-publishes": [],
    "publish notice edit publish": [],
    "publish notice edit reject": [],  # a person decides while a notice is open
    "publish notice edit reject ana-rejects": [("not_published", PERSON, NOTICE)],
    "publish ana-rejects edit publish": [REMOVED],
    "hold edit hold ana-rejects": [REJECTED],
    "publish close ana-rejects": [REMOVED],
    "close hold ana-rejects": [REJECTED],
    "import-published ana-rejects": [REMOVED],
    "import-published notice ana-rejects": [("removed", PERSON, NOTICE)],
    "import-rejected": [],
    "import-rejected ana-publishes ana-rejects": [REMOVED],
    "reject erase": [BY_POLICY],
    "publish erase": [],
}


class Walk:
    """One comment, and what happens to it."""

    def __init__(self, api: Caller, database: Database, site: NewSite) -> None:
        self.api, self.database, self.site_id, self.reporters = api, database, site.site.id, 0
        flagger = keys.create_key(
            database, self.site_id, name="Hotline", scopes=[Scope.TRUSTED_FLAGGER], by=OPERATOR, now=utc_now()
        )
        self.flagger = Caller(api.client, flagger.token)
        self.ana, self.ben = self._person("ana", Role.MODERATOR), self._person("ben", Role.LEAD)
        self.made: Decision | None = None
        self.name = "c-1"
        api.post("/v1/comments", a_body(TEXT, id="c-1", language="en"))

    def go(self, path: str) -> None:
        actions: dict[str, Callable[[], object]] = {
            "publish": lambda: self._policy(Action.PUBLISH),
            "hold": lambda: self._policy(Action.FLAG),
            "reject": lambda: self._policy(Action.REJECT),
            "treat": lambda: self._policy(Action.REJECT, ReasonCode.CAMPAIGN),
            "mode-holds": lambda: self._policy(Action.FLAG, ReasonCode.MODE),
            "ana-publishes": lambda: self._person_decides(self.ana, Choice.APPROVE),
            "ana-rejects": lambda: self._person_decides(self.ana, Choice.REJECT),
            "ana-publishes-soon": lambda: self._person_decides(self.ana, Choice.APPROVE, hold_s=60),
            "ana-rejects-soon": lambda: self._person_decides(self.ana, Choice.REJECT, hold_s=60),
            "lead-publishes": lambda: self._person_decides(self.ben, Choice.APPROVE),
            "lead-rejects": lambda: self._person_decides(self.ben, Choice.REJECT),
            "escalate": lambda: self._person_decides(self.ana, Choice.ESCALATE),
            "undo": lambda: self._undo(hold_s=60),
            "undo-late": lambda: self._undo(hold_s=0),
            "api-publishes": lambda: self._site_decides("publish"),
            "api-rejects": lambda: self._site_decides("reject"),
            "api-holds": lambda: self._site_decides("flag"),
            "rescored": self._rescored,
            "report": self._report,
            "reports": self._reports,
            "notice": lambda: self._notice(self.api),
            "flagger": lambda: self._notice(self.flagger),
            "hiding": self._hide_noticed,
            "edit": self._edit,
            "close": lambda: self._ok(self.api.put("/v1/articles/a-1", {"title": "T", "state": "closed"})),
            "import-published": lambda: self._import("published"),
            "import-rejected": lambda: self._import("rejected"),
            "withdraw": lambda: self._ok(self.api.delete(f"/v1/comments/{self.name}")),
            "erase": lambda: self._ok(self.api.delete("/v1/authors/reader-1")),
            "banned": self._ban,
            "appeal": self._appeal,
            "stood": lambda: self._answer(AppealReason.RULE_BROKEN),
            "overturned": lambda: self._answer(AppealReason.MISREAD),
        }
        for name in path.split():
            self.api.get("/v1/events")  # the site reads its feed, so that it has heard of what came before
            actions[name]()

    def _person(self, name: str, role: Role) -> Moderator:
        mail = f"{name}@example.org"
        id = moderators.create_moderator(
            self.database, email=mail, name=name, password_hash="x", roles={self.site_id: role}, by=OPERATOR,
            now=utc_now(),
        )  # fmt: skip
        with self.database.read() as conn:
            person = find_moderator(conn, id=id)
        assert person is not None
        return person

    def _comment(self) -> Any:
        with self.database.read() as conn:
            return comments.get_comment(conn, self.site_id, self.name)

    def _policy(self, action: Action, code: ReasonCode = ReasonCode.RULE) -> None:
        with self.database.read() as conn:
            (scored,) = loading.load_waiting(conn, [self._comment().id])
        scoring = Scoring((Signal("toxicity", 0.9, "test"),), {"toxicity": "test"}, "en", 0.1)
        reason = Reason(code, action, "toxicity", 0.9, 0.8, "at_least", "Toxic")
        assert settle(self.database, [Judgement(scored, scoring, Verdict(action, (reason,)))], now=utc_now())

    def _person_decides(self, person: Moderator, choice: Choice, *, hold_s: float = 0) -> None:
        comment = self._comment()
        with self.database.read() as conn:
            newest = decisions.decisions_of(conn, comment.id)[0]
        reason = INSULT if choice is Choice.REJECT else None
        decided = ModeratorChoice(choice, comment.version, reason, overturns=newest.id)
        self.made = reviewing.decide(self.database, person, comment.id, decided, now=utc_now(), hold_s=hold_s)

    def _undo(self, *, hold_s: float) -> None:
        assert self.made is not None
        self.made = reviewing.undo(self.database, self.ana, self.made.id, now=utc_now(), hold_s=hold_s)

    def _site_decides(self, action: str) -> None:
        reason = {"reason": INSULT} if action == "reject" else {}
        body = {"action": action, "version": self._comment().version, **reason}
        self._ok(self.api.post(f"/v1/comments/{self.name}/decisions", body))

    def _rescored(self) -> None:
        reason = Reason(ReasonCode.RESCORED, Action.FLAG, "toxicity", 0.9, 0.8, "at_least", "Toxic")
        with self.database.write() as conn:
            comment = comments.get_comment(conn, self.site_id, self.name)
            move = Move(comment, CommentStatus.FLAGGED, utc_now(), DecidedBy.POLICY, (reason,))
            record(conn, move, now=utc_now())

    def _report(self) -> None:
        self.reporters += 1
        told = {"reporter_id": f"r-{self.reporters}", "reason": "insult"}
        self._ok(self.api.post(f"/v1/comments/{self.name}/reports", told))

    def _reports(self) -> None:
        while self._comment().status is CommentStatus.PUBLISHED:
            assert self.reporters < 20
            self._report()

    def _notice(self, caller: Caller) -> None:
        told = f"§ 185 StGB: it insults {len(self.made.id) if self.made else 0}."
        body = {"comment_id": self.name, "explanation": told,
                "good_faith": True, "name": "Karl", "email": "karl@mail.example"}  # fmt: skip
        self._ok(caller.post("/v1/notices", body))

    def _hide_noticed(self) -> None:
        with self.database.write() as conn:
            settings = sites.get_site(conn, self.site_id).settings
            sites.update_site_settings(conn, self.site_id, settings.model_copy(update={"hide_noticed": True}))

    def _edit(self) -> None:
        self._ok(self.api.patch(f"/v1/comments/{self.name}", {"text": f"{TEXT} Or in May."}))

    def _import(self, status: str) -> None:
        """Another comment, which all that follows is about."""
        self.name = "c-2"
        record = {"id": self.name, "article": {"id": "a-1", "title": "T"}, "author": {"id": "reader-1", "name": "Dana"},
                  "text": TEXT, "posted_at": utc_now() - timedelta(hours=1), "status": status}  # fmt: skip
        assert storing.store(self.database, self.site_id, [past_comment.read(record)]).new == 1

    def _ban(self) -> None:
        self._ok(self.api.post("/v1/authors/reader-1/measures", {"measure": "ban", "reason": "You insult others."}))

    def _appeal(self) -> None:
        decision_id = self.api.get(f"/v1/comments/{self.name}").json["decision"]["id"]  # type: ignore[index]
        self._ok(self.api.post(f"/v1/decisions/{decision_id}/appeal", {"text": "I quoted the minister."}))

    def _answer(self, reason: AppealReason) -> None:
        with self.database.read() as conn:
            (appeal,) = appeals.open_on(conn, [self._comment().id])
        deciding.decide(self.database, self.ben, appeal.id, reason, judged=appealed.count, now=utc_now())

    @staticmethod
    def _ok(response: Any) -> None:
        assert response.status_code < 300, response.json


@pytest.mark.parametrize("path", PATHS)
def test_the_five_outputs_agree_on_every_path(path: str, api: Caller, database: Database, site: NewSite) -> None:
    Walk(api, database, site).go(path)

    exported = exports(database, site)
    told = {event["decision"]["id"]: event["decision"]["statement"] for event in events(api)}
    measures = Counter(PATHS[path])
    assert Counter(in_export(statement) for statement in exported) == Counter(map(as_exported, PATHS[path]))
    assert counted(database, site) == measures
    read: Counter[tuple[str, str, str]] = Counter()
    for exported_one in exported:
        said = api.get(f"/v1/decisions/{exported_one['puid']}/statement").json
        event = told[exported_one["puid"]]
        assert said is not None and event["ground"] == said["ground"]
        assert said["ground"]["category"] == exported_one["category"]
        assert said["facts"] == exported_one["decision_facts"]
        assert (said["restriction"], said["automated_decision"]) == (event["restriction"], event["automated_decision"])
        assert said["found_by"] == {FLAGGER: NOTICE}.get(event["found_by"], event["found_by"])
        assert says(api, said["path"], event)
        read[event["restriction"], event["automated_decision"], event["found_by"]] += 1
    assert read == measures


def test_the_paths_are_many_and_reach_every_kind_of_measure() -> None:
    kinds = {kind for measures in PATHS.values() for kind in measures}

    assert len(PATHS) >= 85
    assert {kind[0] for kind in kinds} == set(SHOWN)
    assert {kind[1] for kind in kinds} == {FULLY, PARTLY, PERSON}
    assert {kind[2] for kind in kinds} == set(SOURCES)


def exports(database: Database, site: NewSite) -> list[dict[str, Any]]:
    today = utc_now().date()
    batches = exporting.batches(
        database, site.site.id, today - timedelta(days=1), today + timedelta(days=1), known=frozenset()
    )
    every = [statement for batch in batches for statement in batch["statements"]]
    return [statement for statement in every if "decision_account" not in statement]  # test_measures has those


def in_export(statement: Mapping[str, Any]) -> tuple[str, str, str]:
    (shown,) = statement["decision_visibility"]
    return (
        shown.removeprefix("DECISION_VISIBILITY_CONTENT_"),
        statement["automated_decision"].removeprefix("AUTOMATED_DECISION_").lower(),
        statement["source_type"],
    )


def as_exported(measure: tuple[str, str, str]) -> tuple[str, str, str]:
    return SHOWN[measure[0]], measure[1], SOURCES[measure[2]]


def counted(database: Database, site: NewSite) -> Counter[tuple[str, str, str]]:
    """The report's measures, after its lines were added up from them."""
    today = utc_now().date()
    report = counting.transparency_report(
        database, site.site.id, today - timedelta(days=1), today + timedelta(days=1), errors_of=errors_between
    )
    measures: Counter[tuple[str, str, str]] = Counter()
    for fact, number in report.measures.items():
        measures[fact.restriction.value, fact.automation.value, fact.source.value] += number
    expected: Counter[tuple[TransparencyPart, str, str]] = Counter()
    for (restriction, automation, source), number in measures.items():
        part, scope = PLACES[source]
        expected[part, scope, f"restriction_{restriction}"] += number
        expected[part, scope, f"automation_{automation}"] += number
    shown = {
        (line.part, line.scope, line.indicator): line.value
        for line in lines(report)
        if line.indicator.startswith(("restriction_", "automation_"))
    }
    assert shown == expected
    return Counter({measure: number for measure, number in measures.items() if measure[0] in SHOWN})


def events(api: Caller) -> list[Any]:
    feed: Any = api.get("/v1/events?limit=100").json
    return [event["data"] for event in feed["events"] if "decision" in event["data"]]


def says(api: Caller, page: str, event: Mapping[str, Any]) -> bool:
    """Whether the author's page says what happened and who decided, in its own words."""
    answer = api.client.get(page)
    text, words = BeautifulSoup(answer.text, "html.parser").get_text(" "), spoken("en")
    told = {OWN: "not_reported", REPORT: "reported", NOTICE: "noticed", FLAGGER: "noticed"}[event["found_by"]]
    decided = (f"statement_deciding_{event['automated_decision']}", "statement_deciding_site")
    return (
        words[f"statement_title_{event['restriction']}"] in text
        and words[f"statement_{told}"] in text
        and any(words[sentence] in text for sentence in decided)
    )


def test_a_rejection_that_was_undone_and_redone_unheard_stays_open_to_its_author(
    api: Caller, database: Database, site: NewSite
) -> None:
    """The author has the link of the first decision alone."""
    Walk(api, database, site).go("hold ana-rejects undo undo")
    (exported,) = exports(database, site)

    said: Any = api.get(f"/v1/decisions/{exported['puid']}/statement").json
    taken = api.post(f"/v1/decisions/{exported['puid']}/appeal", {"text": "I quoted the minister."})

    assert (said["holds"], said["amended_by"], said["may_appeal"], taken.status_code) == (True, None, True, 201)


def test_a_comment_that_was_held_says_since_when_readers_did_not_see_it(
    api: Caller, database: Database, site: NewSite
) -> None:
    Walk(api, database, site).go("hiding publish flagger ana-rejects")
    (exported,) = exports(database, site)

    text = api.get(f"/v1/decisions/{exported['puid']}/statement").json["paragraphs"][0]["text"]  # type: ignore[index]
    receipt = next(event for event in events_of(api, "notice.decided"))["notice"]["text"]

    assert "was removed. Readers had not seen it since" in text
    assert "it was decided to remove the comment" in receipt and "A person decided on your notice." in receipt


def events_of(api: Caller, kind: str) -> list[Any]:
    feed: Any = api.get("/v1/events?limit=100").json
    return [event["data"] for event in feed["events"] if event["type"] == kind]
