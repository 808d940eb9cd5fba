"""No page of the desk rejects without a rule."""

from __future__ import annotations

import pytest
from bs4 import Tag

from moderation.ground.values.statuses import CommentStatus, DecidedBy
from moderation.law.statements import building
from moderation.law.statements import rows as statements
from moderation.sites import rows as site_rows
from moderation.sites import sites
from moderation.sites.rows import PolicyRow
from moderation.sites.settings.grounds import OTHER, Ground
from moderation.sites.settings.rejection_reasons import ReasonDetails
from service.desk.queue.offered_reasons import first_of
from tests.builders import OPERATOR
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast, newsroom_policy
from tests.service.desk.review.test_review import status_of

GENERAL = "Comments must keep to our rules for discussions."


def rejecting(scope: Tag) -> list[str]:
    """The values of the buttons that reject, the red one first."""
    values = [str(button["value"]) for button in scope.select('button[name="choice"]')]
    return [value for value in values if value.startswith("reject")]


def test_every_button_of_many_comments_names_a_reason(cast: Cast, ana: Browser) -> None:
    ids = [cast.flagged(f"Comment {number}.", scores={"toxicity": 0.95, "relevance": 0.5}).id for number in (1, 2)]

    selection = ana.get("/desk/bulk/selection?" + "&".join(f"ids={id}:2" for id in ids))
    by_score = ana.get("/desk/bulk", score="toxicity", low="0.9", high="1")
    stray = ana.get("/desk/bulk", score="relevance", low="0", high="1")

    offered = [rejecting(page.html) for page in (selection, by_score, stray)]
    assert [values[0] for values in offered] == ["reject:Insult or abuse", "reject:Insult or abuse", "reject:Off topic"]
    assert all(len(values) == 5 and f"reject:{OTHER}" not in values for values in offered)
    assert "Reject 2 as insult or abuse" in selection.text


def test_a_form_without_a_reason_decides_nothing(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged("A comment.", scores={"toxicity": 0.95})

    single = ana.post(f"/desk/comments/{comment.id}/decisions", {"choice": "reject", "version": "2", "view": ""})
    many = ana.post("/desk/bulk/selection", {"ids": f"{comment.id}:2", "choice": "reject:"})

    assert (single.status, many.status) == (422, 422)
    assert f"{single.text} {many.text}".count("Choose the rule that the comment breaks.") == 2
    assert status_of(cast, comment.id) is CommentStatus.FLAGGED


def test_other_is_offered_once_the_site_has_written_its_rule(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged("A comment.", scores={"toxicity": 0.95})
    before = rejecting(ana.get(f"/desk/review/{comment.id}").html)

    details = {OTHER: ReasonDetails(ground=Ground({"en": "Comments of more than a page are not published."}))}
    sites.change_settings(cast.database, comment.site_id, by=OPERATOR, now=cast.now, reason_details=details)
    after = rejecting(ana.get(f"/desk/review/{comment.id}").html)

    assert (len(before), len(after)) == (5, 6)
    assert all(value.partition(":")[2] for value in before + after)
    assert set(after) - set(before) == {f"reject:{OTHER}"}


@pytest.mark.parametrize(
    ("signal", "first"), [("threat", "Threat"), ("relevance", "Insult"), (None, "Insult"), ("nothing", "Insult")]
)
def test_the_first_reason_is_that_of_the_signal_where_the_page_offers_it(signal: str | None, first: str) -> None:
    assert first_of(["Insult", "Threat"], signal) == {"Threat": "Insult"}.get(first, first)
    assert first_of([], signal) is None


def test_a_rejection_by_the_policy_that_an_undo_brings_back_keeps_its_rule(cast: Cast, ana: Browser) -> None:
    """The second decision of a person has no reason of its own."""
    document = newsroom_policy()
    kept = [rule for rule in document["rules"] if rule.get("signal") != "threat"]
    reject = {"signal": "threat", "at_least": 0.95, "action": "reject", "label": ""}
    with cast.database.write() as conn:
        policy = PolicyRow(2, {**document, "rules": [*kept, reject]}, None, "test", cast.now)
        site_rows.insert_policy(conn, cast.herald.id, policy)
    comment = cast.flagged("I will find you.", scores={"threat": 0.99})
    ana.get(f"/desk/review/{comment.id}").press("Approve")

    ana.get(f"/desk/review/{comment.id}").press("Undo")

    with cast.database.read() as conn:
        settings = site_rows.get_site(conn, comment.site_id).settings
        *_, about = statements.against(conn, [comment.id])
    ground = building.stated_ground(settings, about, "en")
    assert (about.step.decided_by, ground.name) == (DecidedBy.MODERATOR, "Threat or call for violence")
    assert ground.text != GENERAL
