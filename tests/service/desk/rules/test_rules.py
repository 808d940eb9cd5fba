"""The rule book at the desk: a lead writes rules and cases and takes comments as cases; moderators read it."""

from __future__ import annotations

from io import BytesIO

import pytest

from moderation.insight.checks import drawn_numbers
from moderation.sites.rules import writing
from moderation.sites.rules.values import CaseOrigin, Must, RuleBook
from tests.service.desk.appeals.test_appeals_page import appealed, rejected_by
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
    for path in (
        "",
        "/order",
        "/import",
        "/import/save",
        "/rule/no-insults",
        "/rule/no-insults/remove",
        "/rule/no-insults/cases",
    ):
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


def test_history_leads_from_a_decision_that_was_undone_to_a_case(cast: Cast, ana: Browser, ben: Browser) -> None:
    write_rule(cast, ben)
    comment = cast.flagged()
    ana.get(f"/desk/review/{comment.id}").press("Reject")
    assert "Make it a case of a rule" not in ben.get("/desk/history").text
    ana.get(f"/desk/review/{comment.id}").press("Undo")

    ben.get("/desk/history").follow("Make it a case of a rule").press("Add the case", must="pass")

    assert [(c.origin, c.comment_id) for c in book(cast).rules[0].cases] == [(CaseOrigin.UNDONE, comment.id)]
    assert "Make it a case of a rule" not in ana.get("/desk/history").text


@pytest.mark.parametrize(("reason", "is_offered"), [("misread", True), ("rule_broken", False)])
def test_an_appeal_that_was_granted_leads_to_a_case(
    cast: Cast, ben: Browser, ana: Browser, reason: str, is_offered: bool
) -> None:
    write_rule(cast, ben)
    comment = rejected_by(cast, "Ana")
    appeal = appealed(cast, comment)

    after = ben.post(f"/desk/appeals/{appeal.id}/outcome", {"reason": reason})

    decided = ben.get(f"/desk/appeals/{appeal.id}")
    assert ["Make it a case of a rule" in page.text for page in (after, decided)] == [is_offered] * 2
    assert "Make it a case of a rule" not in ana.get(f"/desk/appeals/{appeal.id}").text
    if is_offered:
        assert after.link("Make it a case of a rule")["data-key"] == "g"
        after.follow("Make it a case of a rule").press("Add the case")
        (case,) = book(cast).rules[0].cases
        assert (case.origin, case.must, case.comment_id) == (CaseOrigin.APPEAL, Must.PASS, comment.id)


@pytest.mark.parametrize(("choice", "is_offered"), [("Reject as", True), ("Approve", False)])
def test_a_check_that_found_an_error_leads_to_a_case(
    cast: Cast, ben: Browser, monkeypatch: pytest.MonkeyPatch, choice: str, is_offered: bool
) -> None:
    monkeypatch.setattr(drawn_numbers, "drawn_number", lambda _id, purpose="": 1.0 if purpose else 0.0)
    write_rule(cast, ben)
    comment = cast.published("The harbour board are scoundrels.")

    after = ben.get(f"/desk/checks/{comment.id}").press(choice)

    assert ("Make it a case of a rule" in after.text) is is_offered
    if is_offered:
        after.follow("Make it a case of a rule").press("Add the case")
        (case,) = book(cast).rules[0].cases
        assert (case.origin, case.must, case.comment_id) == (CaseOrigin.CHECK, Must.HELD, comment.id)


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


def upload(ben: Browser, site_id: str, *contents: bytes) -> Page:
    files = [(BytesIO(content), f"rules-{number}.md") for number, content in enumerate(contents)]
    sent = {"site": site_id, "file": files}
    return Page(ben, ben.client.post("/desk/rules/import", data=sent, headers=SAME_ORIGIN))


def test_a_book_goes_out_as_a_file_and_comes_in_at_another_site_once_a_lead_has_seen_it(
    cast: Cast, ben: Browser
) -> None:
    write_rule(cast, ben).press("Add the case", text="You fool", must="held")
    file = ben.client.get("/desk/rules/export/rules.md", query_string={"site": cast.herald.id})

    page = upload(ben, cast.courier.id, file.data)

    assert "This would become version 1 of the rule book" in page.text
    assert "Argue with what people say." in page.region("No insults")
    assert writing.rule_book(cast.database, cast.courier.id).version == 0
    assert page.press("Save as version 1").status == 200
    theirs = writing.rule_book(cast.database, cast.courier.id)
    assert theirs.digest == book(cast).digest
    assert theirs.rules[0].cases[0].origin is CaseOrigin.WRITTEN
    form = ben.client.get("/desk/rules/export/rules.json", query_string={"site": cast.herald.id})
    assert form.get_json()["digest"] == theirs.digest
    assert "The rule book says all of this already." in upload(ben, cast.courier.id, form.data).text


def test_several_policies_come_in_together_and_a_wrong_one_is_named(cast: Cast, ben: Browser) -> None:
    policy = b'# Touts\n## Violates (1)\n- "Two for Saturday, double the price"\n'

    page = upload(ben, cast.herald.id, policy, b"## Be kind\n> Be kind.\n")
    wrong = upload(ben, cast.herald.id, policy, b"{")
    broken = upload(ben, cast.herald.id, b"\xff")

    assert (wrong.status, broken.status) == (422, 422)
    assert "2: line 1: is no JSON" in wrong.text
    assert "must be a text in UTF-8" in broken.text
    page.press("Save as version 1")
    assert [(rule.key, rule.sentence, len(rule.cases)) for rule in book(cast).rules] == [
        ("touts", "Touts", 1),
        ("be-kind", "Be kind.", 0),
    ]


def test_a_big_book_comes_in_too(cast: Cast, ben: Browser) -> None:
    cases = "\n".join(f"- {number} {'a' * 4_900}" for number in range(150))

    page = upload(ben, cast.herald.id, f"## Be kind\n> Be kind.\n### Must pass\n{cases}".encode())

    assert page.press("Save as version 1").status == 200
    assert len(book(cast).rules[0].cases) == 150


def test_an_import_that_was_seen_on_an_older_book_is_not_saved(cast: Cast, ben: Browser) -> None:
    page = upload(ben, cast.herald.id, b"## Be kind\n> Be kind.\n")
    write_rule(cast, ben)

    late = page.press("Save as version 1")

    assert late.status == 422
    assert "somebody else changed the rule book meanwhile" in late.text
    assert [rule.key for rule in book(cast).rules] == ["no-insults"]
