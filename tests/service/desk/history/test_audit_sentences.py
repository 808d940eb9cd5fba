"""The audit page says in sentences what the trail holds, and every kind of entry has one."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from moderation.moderators.finding import audited_decision_rows as audited_decisions
from moderation.sites import keys, policy_versions
from moderation.sites import rows as sites
from moderation.sites.audit import actors
from moderation.sites.audit import rows as audit_entries
from moderation.sites.audit import writing as audit_writing
from moderation.sites.audit.kinds import ACTIONS
from moderation.sites.audit.rows import AuditEntry, EntryFilter
from moderation.sites.people import moderators
from moderation.sites.people.roles import Role
from moderation.spine.articles import states as article_states
from service.desk.history import audit_sentences, decided_sentences
from tests.builders import NOON, OPERATOR
from tests.service.desk.browsing import Browser, Page
from tests.service.desk.cast import Cast
from tests.statements import Asked, steps

CORE = Path(__file__).resolve().parents[4] / "moderation"
KIND = re.compile(r"[a-z_]+\.[a-z_]+")
NO_KINDS = {"webhook.test"}  # an event
OF_THE_INSTALLATION = {"site.deletion_begun", "site.deleted"}  # no site's page has these


def noted_kinds() -> set[str]:
    """Every text that looks like a kind, in the modules that write to the trail."""
    found = set()
    for path in CORE.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if re.search(r"import .*\baudit_writing\b|from moderation\.sites\.audit\.writing import", source):
            constants = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
            found |= {value for value in constants if isinstance(value, str) and KIND.fullmatch(value)}
    return found - NO_KINDS - OF_THE_INSTALLATION


def test_every_kind_that_the_code_notes_has_a_sentence_and_a_group() -> None:
    grouped = [action for actions in ACTIONS.values() for action in actions]

    assert len(noted_kinds()) > 30
    assert {kind.partition(":")[0] for kind in audit_sentences.SENTENCES} == noted_kinds()
    assert sorted(grouped) == sorted(noted_kinds())


def test_every_variant_of_a_kind_leads_to_its_own_sentence() -> None:
    for kind, wanted in audit_sentences.SENTENCES.items():
        action, _, variant = kind.partition(":")
        assert audit_sentences.sentence(an_entry(action), variant) == wanted
        assert (action in audit_sentences.VARIANTS) == bool(variant) or kind.startswith("policy.saved")


def test_decisions_have_a_sentence_for_one_comment_and_for_many() -> None:
    statuses = ("flagged", "published", "rejected")
    for action in decided_sentences.KINDS:
        for before, after in ((b, a) for b in statuses for a in statuses):
            one = decided_sentences.sentence(action, before, after)
            many = decided_sentences.sentence(action, before, after, count=59)
            assert "%(comment)s" in one and "%(count)s" in many


def an_entry(action: str) -> AuditEntry:
    after = {"standing": "hold", "role": "lead", "action": "flag", "state": "open", "place": "site"}
    return AuditEntry("1", "s", "person", "Ben", "m", None, action, None, None, after, NOON)


def sentences(page: Page) -> list[str]:
    return [
        " ".join(row.find_all("td")[1].get_text(" ").split()).replace(" .", ".")
        for row in page.html.select(".trail tbody tr")
    ]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_lead_reads_names_and_limits_instead_of_ids(cast: Cast, ben: Browser) -> None:
    herald, now = cast.herald.id, cast.now
    with cast.database.read() as conn:
        current = sites.current_policy(conn, herald)
    rules = [
        {**rule, "at_least": 0.7} if rule.get("signal") == "toxicity" else rule for rule in current.document["rules"]
    ]
    by = actors.person(cast.moderator("Ben"))
    policy_versions.replace(
        cast.database, herald, {**current.document, "rules": rules}, expected=current.version, by=by, now=now
    )
    moderators.set_role(cast.database, cast.moderator("Dora"), herald, cast.ids["Ana"], Role.LEAD, now=now)
    keys.create_key(cast.database, herald, name="news site", scopes=keys.Scope, by=OPERATOR, now=now)
    article_states.describe(cast.database, herald, "a-7", {"title": "The harbour", "state": "closed"}, by=by, now=now)

    told = sentences(ben.get("/desk/audit", site=herald))

    assert "Ben changed the limit for Toxicity from 0.80 to 0.70." in told
    assert "Dora changed the role of Ana from moderator to lead." in told
    assert any(line.startswith("the operator tests at a terminal created the key news site.") for line in told)
    assert "Ben closed the article The harbour to comments." in told
    assert "Ben logged in." in told


@pytest.mark.parametrize("database", ["sqlite", "postgres"], indirect=True)
def test_a_batch_is_one_line_and_its_undo_another(cast: Cast, browser: Callable[[], Browser]) -> None:
    ana, ben = (browser().log_in_as(cast, name) for name in ("Ana", "Ben"))
    for number in range(3):
        cast.flagged(f"You fool {number}.", author="Tom", id=f"their-{number}")
    done = ana.get("/desk/bulk").press("Spam or advertising")
    alone = cast.flagged("You fool again.", author="Tom", id="their-9")
    ana.get(f"/desk/review/{alone.id}").press("Approve")

    page = ben.get("/desk/audit", site=cast.herald.id, kind="decisions")

    assert sentences(page) == [
        "Ana approved a comment by Tom.",
        "Ana rejected 3 comments as spam or advertising. The batch",
    ]
    done.press("Undo 3")
    again = sentences(ben.get("/desk/audit", site=cast.herald.id, kind="decisions"))
    assert again[0].startswith("Ana undid the rejection of 3 comments.")
    assert len(again) == 3


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_of_a_batch_that_goes_on_after_the_last_day_that_days_part_is_told(cast: Cast, ana: Browser) -> None:
    for number in range(3):
        cast.flagged(f"You fool {number}.", id=f"their-{number}")
    ana.get("/desk/bulk").press("Reject 3")
    with cast.database.read() as conn:
        newest, middle, oldest = audited_decisions.decided(conn, cast.herald.id, before=None, limit=9)
        (told,) = audited_decisions.decided(conn, cast.herald.id, before=newest.id, limit=9, until=newest.id)

    assert (told.id, told.comments) == (middle.id, 2)
    assert oldest.comments == 1


@pytest.mark.parametrize("database", ["sqlite", "postgres"], indirect=True)
def test_the_trail_is_narrowed_to_a_person_a_kind_and_an_actor(cast: Cast) -> None:
    herald = cast.herald.id
    dora, ben = cast.moderator("Dora"), cast.moderator("Ben")
    keys.create_key(cast.database, herald, name="k", scopes=keys.Scope, by=actors.person(dora), now=cast.now)
    keys.create_key(cast.database, herald, name="k2", scopes=keys.Scope, by=actors.person(ben), now=cast.now)
    moderators.set_role(cast.database, dora, herald, cast.ids["Ana"], Role.LEAD, now=cast.now)
    with cast.database.write() as conn:
        audit_writing.note(conn, actors.SYSTEM, "retention.begun", site_id=herald, now=cast.now)

    def found(**choice: object) -> list[str]:
        with cast.database.read() as conn:
            entries = audit_entries.entries(
                conn,
                herald,
                before=None,
                limit=9,
                choice=audit_entries.EntryFilter(**choice),  # type: ignore[arg-type]
            )
        return [entry.action for entry in entries]

    assert found(moderator_id=dora.id) == ["person.role", "key.created"]
    assert found(moderator_id=dora.id, actions=("person.role",)) == ["person.role"]
    assert found(actions=("person.role", "retention.begun")) == ["retention.begun", "person.role"]
    assert found(actor_kind="system") == ["retention.begun"]
    assert set(found(actor_kind="operator")) == {"account.created"}
    with cast.database.read() as conn:
        assert audit_entries.actors(conn, herald) == {ben.id: "Ben", dora.id: "Dora"}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_page_offers_the_filters_and_keeps_them_for_the_older_page_and_the_csv(
    cast: Cast, ana: Browser, ben: Browser
) -> None:
    comment = cast.flagged(id="their-1")
    ana.get(f"/desk/review/{comment.id}").press("Approve")

    page = ben.get("/desk/audit", site=cast.herald.id, by=cast.ids["Ana"])

    assert {line.partition(" ")[0] for line in sentences(page)} == {"Ana"}
    assert f"by={cast.ids['Ana']}" in page.link("CSV")["href"]
    rows = ben.client.get(str(page.link("CSV")["href"])).get_data(as_text=True).splitlines()
    assert len(rows) == 3  # the names of the columns, the login and the decision
    assert sentences(ben.get("/desk/audit", site=cast.herald.id, by="key")) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_hostile_names_stay_text(cast: Cast, ana: Browser, ben: Browser) -> None:
    comment = cast.flagged(author="<b>%(who)s</b>", id="their-1")
    ana.get(f"/desk/review/{comment.id}").press("Approve")

    page = ben.get("/desk/audit", site=cast.herald.id, kind="decisions")

    assert sentences(page) == ["Ana approved a comment by <b>%(who)s</b>."]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("choice", "index"),
    [
        (EntryFilter(), "ix_audit_site_id"),
        (EntryFilter(actor_kind="key"), "ix_audit_actor_kind"),
        (EntryFilter(actions=("person.role", "key.created")), "ix_audit_action"),
        (EntryFilter(moderator_id="01890a5d-ac96-774b-bcce-b302099a8057"), "ix_audit_person"),
    ],
)
def test_each_filter_of_the_trail_walks_its_own_index(cast: Cast, choice: EntryFilter, index: str) -> None:
    asked = Asked(cast.database)

    with asked.listening(), cast.database.read() as conn:
        audit_entries.entries(conn, cast.herald.id, before=None, limit=9, choice=choice)

    ((statement, parameters),) = asked.statements
    walked = [step for step in steps(statement, parameters) if re.search(r"SEARCH audit .*\(site_id=", step)]
    assert walked and all(f"INDEX {index} " in step for step in walked)
