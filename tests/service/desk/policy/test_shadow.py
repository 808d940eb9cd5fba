"""Policies in the shadow: each says what it would have done, changes nothing, and a lead switches it on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.values.comments import Comment
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.insight.checks import rows as checks
from moderation.insight.checks.rows import Check
from moderation.insight.learning import examples
from moderation.insight.learning import rows as learning
from moderation.insight.learning.example_rows import LabelSource
from moderation.insight.learning.shadows import figures as shadow_figures
from moderation.insight.learning.shadows import rows as store
from moderation.insight.learning.shadows import switching as shadows
from moderation.insight.learning.shadows.rows import ShadowRow
from moderation.insight.learning.shadows.tables import shadow_verdicts
from moderation.moderators.finding import audit_trail
from moderation.moderators.review.tables import labels
from moderation.operations.operating.deleting import retention_rows as retention
from moderation.sites import rows as sites
from moderation.sites.audit import rows as audit_entries
from moderation.sites.audit.tables import audit
from moderation.spine.comments.tables import comments, decisions
from tests.builders import OPERATOR
from tests.own_databases import ON_BOTH
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast
from tests.statements import Asked

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def start(cast: Cast, name: str = "Stricter", *, limit: float = 0.5, action: Action = Action.FLAG) -> ShadowRow:
    with cast.database.read() as conn:
        current = sites.current_policy(conn, cast.herald.id)
    document = shadows.with_rule(current.document, "toxicity", limit, action)
    return shadows.start(cast.database, cast.herald.id, name, document, by=OPERATOR, now=cast.now)


def near(cast: Cast, text: str = "You people never learn.", **said: Any) -> Comment:
    """A comment that the policy publishes and the shadow holds."""
    return cast.published(text, scores={"toxicity": 0.6}, **said)


def recorded(cast: Cast) -> list[tuple[str, str, str | None]]:
    v = shadow_verdicts.c
    with cast.database.read() as conn:
        return [
            tuple(row) for row in conn.execute(sa.select(v.action, v.policy_action, v.reason).order_by(v.comment_id))
        ]


def counted_at(conn: Connection, row: ShadowRow) -> datetime | None:
    return store.get(conn, row.id).counted_at


def newest_entry(cast: Cast) -> Any:
    with cast.database.read() as conn:
        return conn.execute(sa.select(audit).order_by(audit.c.id.desc()).limit(1)).one()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_form_begins_with_the_house_model_where_one_is_in_use(cast: Cast, ben: Browser) -> None:
    def offered() -> str:
        page = ben.get("/desk/learning/shadow", site=cast.herald.id)
        return str(next(option["value"] for option in page.html.select("select[name=signal] option[selected]")))

    before = offered()
    with cast.database.write() as conn:
        learning.insert_weights(conn, cast.herald.id, "house", b"", {}, now=cast.now)

    assert (before, offered()) == ("toxicity", "house")


def test_its_verdict_is_recorded_with_the_decision_and_changes_nothing(cast: Cast) -> None:
    start(cast)

    comment = near(cast)
    cast.flagged()
    cast.published()

    assert recorded(cast) == [
        ("flag", "publish", "toxicity"),
        ("flag", "flag", "toxicity"),
        ("publish", "publish", None),
    ]
    with cast.database.read() as conn:
        assert conn.execute(sa.select(comments.c.status).where(comments.c.id == comment.id)).scalar_one() == "published"
        assert conn.execute(sa.select(sa.func.count()).select_from(decisions)).scalar_one() == 3


def test_a_new_text_has_a_new_verdict(cast: Cast) -> None:
    start(cast)
    comment = near(cast)

    cast.edited(comment, "You people learn fast.", scores={"toxicity": 0.1})

    assert recorded(cast) == [("publish", "publish", None)]


@ON_BOTH
def test_a_stopped_one_records_no_more_and_another_site_never(cast: Cast) -> None:
    row = start(cast)
    near(cast, site=cast.courier)
    near(cast)
    shadows.stop(cast.database, cast.herald.id, row.id, by=OPERATOR, now=cast.now)

    near(cast, "Again.")

    assert len(recorded(cast)) == 1
    assert newest_entry(cast).before["figures"]["differs"] == 1


def test_word_lists_of_the_candidate_are_looked_for(cast: Cast) -> None:
    with cast.database.read() as conn:
        current = sites.current_policy(conn, cast.herald.id)
    document = {**current.document, "banned_words": ["crane"]}
    shadows.start(cast.database, cast.herald.id, "Words", document, by=OPERATOR, now=cast.now)

    cast.published("The port needs a second crane.", scores={"words.banned": 0.0})

    assert recorded(cast) == [("flag", "publish", "words.banned")]


def test_its_verdicts_go_with_the_comment(cast: Cast) -> None:
    start(cast)
    comment = near(cast)

    with cast.database.write() as conn:
        retention.delete_comments(conn, [comment.id])

    assert recorded(cast) == []


@on_sqlite
def test_only_a_few_run_at_once_and_each_has_a_name_of_its_own(cast: Cast, ben: Browser) -> None:
    fields = {"name": "One", "limit": "0.5"}
    page = ben.get("/desk/learning/shadow", site=cast.herald.id).press("Run it in the shadow", **fields)
    assert page.heading() == "One"
    again = ben.get("/desk/learning/shadow", site=cast.herald.id).press("Run it in the shadow", **fields)
    assert again.status == 409
    assert "name is the name of a shadow" in again.text
    start(cast, "Two")
    start(cast, "Three")

    full = ben.get("/desk/learning/shadow", site=cast.herald.id)

    assert not full.has_button("Run it in the shadow")
    answer = ben.post(
        "/desk/learning/shadow", {"site": cast.herald.id, "signal": "toxicity", "action": "flag", **fields}
    )
    assert answer.status == 422


@on_sqlite
@pytest.mark.parametrize(
    ("field", "value", "said"),
    [("limit", "much", "limit must be a number"), ("limit", "2", "at_least is not between 0 and 1"),
     ("signal", "nothing", "signal cannot have a rule"), ("action", "publish", "action must be flag or reject"),
     ("name", " ", "name must be 1 to 100")],
)  # fmt: skip
def test_a_wrong_field_is_named(cast: Cast, ben: Browser, field: str, value: str, said: str) -> None:
    sent = {"site": cast.herald.id, "name": "One", "signal": "toxicity", "limit": "0.5", "action": "flag", field: value}

    page = ben.post("/desk/learning/shadow", sent)

    assert page.status == 422
    assert said in page.text


def test_the_page_puts_it_beside_people(cast: Cast, ana: Browser, ben: Browser) -> None:
    row = start(cast)
    cast.flagged("You fool.")
    near(cast)
    ana.get("/desk/review").press("Reject")

    page = ben.get(f"/desk/learning/shadow/{row.id}")

    assert "Of 2 comments it would have published 0, sent 2 to a moderator and rejected 0." in page.text
    assert "They differ on 1." in page.text
    assert "caught: held or rejected, and rejected by moderators 1 1" in page.region("Compared with moderators")
    assert "Economy 2 1 (policy 1) 0 (policy 0) 0 (policy 0)" in page.region("By section")
    assert "English 2" in page.region("By language")
    assert "Toxicity 2" in page.region("By reason")


def test_switching_on_saves_a_version_and_notes_the_figures_of_the_page(cast: Cast, ben: Browser) -> None:
    row = start(cast)
    near(cast)

    page = ben.get(f"/desk/learning/shadow/{row.id}")
    saved = page.press("Switch on as policy 2", note="It catches more")

    assert saved.heading() == "Policy 2"
    with cast.database.read() as conn:
        current = sites.current_policy(conn, cast.herald.id)
        stopped = store.get(conn, row.id)
    assert (current.note, stopped.became, stopped.is_running) == ("It catches more", 2, False)
    entry = newest_entry(cast)
    assert (entry.action, entry.after["policy"], entry.after["figures"]["differs"]) == ("shadow.switched_on", 2, 1)
    cast.settled("You people.", scores={"toxicity": 0.6})
    assert len(recorded(cast)) == 1
    assert "Switched on as policy 2" in ben.get(f"/desk/learning/shadow/{row.id}").text


@on_sqlite
def test_a_policy_that_changed_meanwhile_is_not_overwritten(cast: Cast, ben: Browser) -> None:
    row = start(cast)
    page = ben.get(f"/desk/learning/shadow/{row.id}")
    ben.get("/desk/policy", site=cast.herald.id).press("Save as version 2", **{"limit-0": "0.7"})

    refused = page.press("Switch on as policy 2")

    assert refused.status == 409
    assert "somebody else saved version 2 first" in refused.text
    assert refused.has_button("Switch on as policy 3")


@on_sqlite
def test_figures_that_were_counted_again_are_shown_before_it_is_switched_on(cast: Cast, ben: Browser) -> None:
    row = start(cast)
    page = ben.get(f"/desk/learning/shadow/{row.id}")
    near(cast)
    with cast.database.write() as conn:
        store.keep_figures(conn, row.id, {"comments": 0}, now=cast.now, unless_since=counted_at(conn, row))

    refused = page.press("Switch on as policy 2")

    assert refused.status == 409
    assert "counted again" in refused.text
    with cast.database.read() as conn:
        assert sites.current_policy(conn, cast.herald.id).version == 1


@ON_BOTH
def test_a_new_one_says_that_it_counts_until_the_first_figures(cast: Cast, ben: Browser) -> None:
    row = start(cast)
    path = f"/desk/learning/shadow/{row.id}"

    page = ben.get(path)
    assert "Counting. No comment has been decided since it began" in page.text
    (line,) = page.html.select("[hx-trigger='every 5s']")
    with cast.database.read() as conn:
        first = counted_at(conn, row)
    asked = ben.client.get(str(line["hx-get"]))
    assert "Counting." in asked.get_data(as_text=True) and "HX-Refresh" not in asked.headers
    with cast.database.read() as conn:
        assert counted_at(conn, row) == first  # the page's form is still that of the figures

    near(cast)

    assert ben.client.get(str(line["hx-get"])).headers["HX-Refresh"] == "true"
    assert "Of 1 comments" in ben.get(path).text


@on_sqlite
def test_figures_that_another_process_counted_meanwhile_stay(cast: Cast) -> None:
    row, later = start(cast), cast.now + timedelta(seconds=1)

    with cast.database.write() as conn:
        store.keep_figures(conn, row.id, {"comments": 7}, now=cast.now, unless_since=None)
        store.keep_figures(conn, row.id, {"comments": 3}, now=later, unless_since=None)

        assert (store.get(conn, row.id).figures, counted_at(conn, row)) == ({"comments": 7}, cast.now)


@on_sqlite
def test_a_page_of_figures_makes_no_writer_wait_while_it_counts(
    cast: Cast, ben: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, count = start(cast), shadow_figures.count

    def count_while_another_writes(found: Any) -> Any:
        near(cast)
        return count(found)

    monkeypatch.setattr(shadow_figures, "count", count_while_another_writes)

    assert ben.get(f"/desk/learning/shadow/{row.id}").status == 200
    assert recorded(cast)


@ON_BOTH
def test_differences_are_looked_through_newest_first(cast: Cast, ben: Browser) -> None:
    row = start(cast)
    first, second = near(cast, "First one."), near(cast, "Second one.")
    cast.published()

    page = ben.get(f"/desk/learning/shadow/{row.id}/differences")
    assert "Second one." in page.region("The comment")
    assert "The shadow would send it to a moderator. The policy published it." in page.region("The comment")
    page = page.press("The shadow was right: it should not be online")
    assert "First one." in page.region("The comment")
    page = page.press("The shadow was wrong: it may be online")

    assert "Nothing is left to look through." in page.text
    with cast.database.read() as conn:
        found = conn.execute(sa.select(labels.c.reference, labels.c.signal, labels.c.value, labels.c.source)).all()
        statuses = set(conn.execute(sa.select(comments.c.status)).scalars())
    expected = {(second.external_id, "house", 1.0, "shadow"), (first.external_id, "house", 0.0, "shadow")}
    assert {tuple(each) for each in found} == expected
    assert statuses == {"published"}
    with cast.database.read() as conn:
        taught = {e.comment_id: e for e in examples.of_site(conn, cast.herald.id, now=cast.now)}
    assert {id: (e.text, e.is_rejected, e.source, e.weight) for id, e in taught.items()} == {
        second.id: ("Second one.", True, LabelSource.PEOPLE, 1.0),
        first.id: ("First one.", False, LabelSource.PEOPLE, 1.0),
    }
    assert newest_entry(cast).action == "comment.labelled"
    figures = ben.get(f"/desk/learning/shadow/{row.id}").region("Compared with moderators")
    assert "caught: held or rejected, and rejected by moderators 1 0" in figures


def test_a_second_answer_replaces_the_first(cast: Cast, ben: Browser) -> None:
    row = start(cast)
    near(cast)
    page = ben.get(f"/desk/learning/shadow/{row.id}/differences").press("The shadow was right")

    page.follow("Back to it").press("The shadow was wrong")

    with cast.database.read() as conn:
        assert list(conn.execute(sa.select(labels.c.value)).scalars()) == [0.0]


@ON_BOTH
def test_where_people_agree_with_it_there_is_nothing_to_look_at(cast: Cast, ana: Browser, ben: Browser) -> None:
    row = start(cast, limit=0.97)  # milder than the policy for toxicity
    cast.flagged("Fool.", scores={"insult": 0.1})
    differences = f"/desk/learning/shadow/{row.id}/differences"
    assert "The shadow would publish it. The policy sent it to a moderator." in ben.get(differences).text

    ana.get("/desk/review").press("Approve")

    assert "Nothing is left" in ben.get(differences).text


def test_a_decision_of_people_against_it_is_shown(cast: Cast, ana: Browser, ben: Browser) -> None:
    row = start(cast)
    cast.flagged("Fool.")
    ana.get("/desk/review").press("Approve")

    page = ben.get(f"/desk/learning/shadow/{row.id}/differences")

    assert "Moderators published it." in page.region("The comment")
    assert page.has_button("The shadow was right: it should not be online")


def test_a_check_that_waits_is_not_given_away(cast: Cast, ben: Browser) -> None:
    row = start(cast)
    drawn = near(cast, "Drawn at random.")
    waits = Check(drawn.id, drawn.site_id, cast.now, 0.1, CommentStatus.PUBLISHED)
    with cast.database.write() as conn:
        checks.insert(conn, [waits])
    differences = f"/desk/learning/shadow/{row.id}/differences"
    assert "Nothing is left" in ben.get(differences).text
    assert ben.get(differences, comment=drawn.id).path == f"/desk/checks/{drawn.id}"

    with cast.database.write() as conn:
        checks.settle(conn, drawn.id, CommentStatus.PUBLISHED, reason=None, by=None, now=cast.now)

    assert "Drawn at random." in ben.get(differences).text
    assert "wrongly held: published by moderators 1 0" in ben.get(f"/desk/learning/shadow/{row.id}").text


@on_sqlite
def test_one_of_another_site_is_not_found(cast: Cast, carla: Browser, browser: Any) -> None:
    cast._moderator("Eva", {cast.courier.id: "lead"})  # type: ignore[dict-item]
    row, eva = start(cast), browser().log_in("Eva")

    for path in ("", "/differences"):
        assert eva.get(f"/desk/learning/shadow/{row.id}{path}").status == 404
    assert eva.post(f"/desk/learning/shadow/{row.id}/stop", {}).status == 404


@on_sqlite
def test_the_policy_page_runs_its_form_in_the_shadow(cast: Cast, ben: Browser) -> None:
    page = ben.get("/desk/policy", site=cast.herald.id)

    started = page.press("Run it in the shadow first", **{"limit-0": "0.7", "shadow_name": "Seven"})

    assert started.heading() == "Seven"
    assert "Toxicity, flag: from 0.8 → from 0.7" in started.region("Switch on")
    assert newest_entry(cast).action == "shadow.started"


@on_sqlite
def test_its_pages_walk_no_table(cast: Cast, ben: Browser) -> None:
    row = start(cast)
    near(cast)
    asked = Asked(cast.database)

    with asked.listening():
        ben.get(f"/desk/learning/shadow/{row.id}")
        ben.get(f"/desk/learning/shadow/{row.id}/differences")

    assert any("shadow_verdicts" in statement for statement, _ in asked.statements)
    assert asked.scans() == []


def test_the_trail_names_who_started_it(cast: Cast) -> None:
    start(cast)

    with cast.database.read() as conn:
        (entry,) = audit_entries.entries(conn, cast.herald.id, before=None, limit=1)
    assert entry.subject == "Stricter"
    assert audit_trail.actor_in_words(entry).startswith("operator")
