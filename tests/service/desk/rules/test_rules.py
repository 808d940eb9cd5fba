"""The rule book at the desk: a lead writes rules and cases and takes comments as cases; moderators read it."""

from __future__ import annotations

from io import BytesIO

import pytest

from moderation.sites.rules import writing
from moderation.sites.rules.values import CaseOrigin, Must, RuleBook
from tests.service.desk.browsing import SAME_ORIGIN, Browser, Page
from tests.service.desk.cast import Cast

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def book(cast: Cast) -> RuleBook:
    return writing.rule_book(cast.database, cast.herald.id)


def write_rule(cast: Cast, ben: Browser, name: str = "No insults") -> Page:
    page = ben.get("/desk/rules", site=cast.herald.id)
    words = {
        "sentence": "Argue with what people say.",
        "guidance": "Public figures bear more.",
        "reason": "Insult or abuse",
    }
    return page.press("Add the rule", name=name, **words)


def test_a_lead_writes_a_rule_with_cases_until_it_is_ready(cast: Cast, ben: Browser) -> None:
    page = write_rule(cast, ben)
    assert page.heading() == "No insults"
    assert "It is tried on changes once it has 6 more." in page.text

    for must in Must:
        for number in range(3):
            page = page.press("Add the case", text=f"Comment {number}: {must}", must=must.value, why="Typical")

    assert "3 must be held, 3 must pass." in page.text
    assert "once it has" not in page.text
    (rule,) = book(cast).ready
    assert (rule.key, rule.name, rule.reason) == ("no-insults", "No insults", "Insult or abuse")
    assert {(case.added_by, case.origin, case.why) for case in rule.cases} == {("Ben", CaseOrigin.WRITTEN, "Typical")}
    assert "Comment 2: pass" in page.region("Must pass")
    removed = page.press("Remove the case: Comment 0: held")
    assert "2 must be held, 3 must pass." in removed.text
    trail = ben.get("/desk/audit", site=cast.herald.id).text
    assert "Ben changed the rule book, version 8" in trail


def test_what_is_wrong_is_said_by_field_and_what_was_typed_stays(cast: Cast, ben: Browser) -> None:
    page = write_rule(cast, ben)

    refused = page.press("Save the rule", name="x" * 81)
    again = page.press("Add the case", text="", must="held", title="Ferry")

    assert (refused.status, again.status) == (422, 422)
    assert "Name: must have 1 to 80 characters" in refused.text
    assert refused.field_named("name") == "x" * 81
    assert "Text: must have 1 to 5000 characters" in again.text
    assert again.field_named("title") == "Ferry"
    assert book(cast).version == 1


def test_a_rule_that_somebody_else_changed_is_not_overwritten(cast: Cast, ben: Browser) -> None:
    page = write_rule(cast, ben)
    page.press("Save the rule", name="No abuse")

    late = page.press("Save the rule", name="No swearing")

    assert late.status == 409
    assert "Somebody else changed this rule first." in late.text
    assert [rule.name for rule in book(cast).rules] == ["No abuse"]


def test_a_lead_gives_the_rules_their_order_and_removes_one(cast: Cast, ben: Browser) -> None:
    for name in ("First", "Second", "Third"):
        write_rule(cast, ben, name)

    page = ben.get("/desk/rules", site=cast.herald.id)
    page = page.press("Save the order", **{"place-third": "1", "place-first": "2", "place-second": "3"})
    page.follow("First").press("Remove this rule")

    assert [rule.key for rule in book(cast).rules] == ["third", "second"]


def test_a_moderator_reads_and_changes_nothing(cast: Cast, ana: Browser, ben: Browser) -> None:
    write_rule(cast, ben)
    comment = cast.flagged()

    page = ana.get("/desk/rules", site=cast.herald.id)
    rule = page.follow("No insults")

    assert "Public figures bear more." in rule.text
    assert not page.has_button("Add the rule") and not rule.has_button("Save the rule")
    for path in ("", "/order", "/import", "/rule/no-insults", "/rule/no-insults/remove", "/rule/no-insults/cases"):
        assert ana.post(f"/desk/rules{path}", {"site": cast.herald.id, "name": "x", "sentence": "y"}).status == 403
    assert ana.get(f"/desk/rules/collect/{comment.id}").status == 403
    assert "Make it a case of a rule" not in ana.get(f"/desk/review/{comment.id}").text
    assert book(cast).version == 1


def test_one_key_makes_a_masked_case_of_the_comment_at_hand(cast: Cast, ben: Browser) -> None:
    write_rule(cast, ben)
    comment = cast.flagged("Una Byrne, call 0171 2345678 or write to bob@gmail.com, fool @maxpower", author="Una Byrne")

    page = ben.get(f"/desk/review/{comment.id}")
    assert page.link("Make it a case of a rule")["data-key"] == "g"
    page.follow("Make it a case of a rule").press("Add the case", why="Names and insults")

    (case,) = book(cast).rules[0].cases
    assert (case.must, case.origin, case.comment_id) == (Must.HELD, CaseOrigin.COMMENT, comment.id)
    assert (case.title, case.why, case.added_by) == ("Export licences for rare earths", "Names and insults", "Ben")
    assert case.text == "[name], call [contact] or write to [contact], fool [name]"


def test_a_decision_that_was_undone_is_named_as_the_source(cast: Cast, ana: Browser, ben: Browser) -> None:
    write_rule(cast, ben)
    comment = cast.flagged()
    ana.get(f"/desk/review/{comment.id}").press("Reject").press("Undo")

    page = ben.get(f"/desk/rules/collect/{comment.id}")
    page.press("Add the case", must="pass")

    assert "From a decision that was undone" in page.text
    assert [(c.origin, c.must) for c in book(cast).rules[0].cases] == [(CaseOrigin.UNDONE, Must.PASS)]


def test_the_same_comment_twice_is_refused(cast: Cast, ben: Browser) -> None:
    write_rule(cast, ben)
    comment = cast.flagged()
    page = ben.get(f"/desk/rules/collect/{comment.id}")
    page.press("Add the case")

    again = page.press("Add the case")

    assert again.status == 422
    assert "is a case of this rule already" in again.text


def test_the_comment_of_another_desk_is_not_found(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged(site=cast.courier)

    assert ana.get(f"/desk/rules/collect/{comment.id}").status in (403, 404)


def test_a_book_goes_out_as_a_file_and_comes_in_at_another_site(cast: Cast, ben: Browser) -> None:
    write_rule(cast, ben).press("Add the case", text="You fool", must="held")
    file = ben.client.get("/desk/rules/export/rules.md", query_string={"site": cast.herald.id})

    values = {"site": cast.courier.id, "file": (BytesIO(file.data), "rules.md")}
    answer = ben.client.post("/desk/rules/import", data=values, headers=SAME_ORIGIN)
    broken = ben.client.post(
        "/desk/rules/import", data={"site": cast.courier.id, "file": (BytesIO(b"\xff"), "x.md")}, headers=SAME_ORIGIN
    )

    assert (answer.status_code, broken.status_code) == (303, 422)
    theirs = writing.rule_book(cast.database, cast.courier.id)
    assert theirs.digest == book(cast).digest
    assert theirs.rules[0].cases[0].origin is CaseOrigin.IMPORTED
    form = ben.client.get("/desk/rules/export/rules.json", query_string={"site": cast.herald.id}).get_json()
    assert form["digest"] == theirs.digest
