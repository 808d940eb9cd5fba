"""An author's page and the measures that one takes there or beside a comment, with undo."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from moderation.ground.values.measures import Measure
from moderation.ground.values.statuses import CommentStatus
from moderation.ground.wording import sentences
from moderation.insight.checks import reviewing as check_review
from moderation.insight.checks import rows as checks
from moderation.moderators.review import reviewing as review
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from moderation.sites import rows as store
from moderation.sites import sites
from moderation.sites.audit import rows as audit_entries
from moderation.sites.settings.eu_terms import CATEGORIES, KEYWORDS
from moderation.sites.settings.grounds import Ground, GroundKind
from moderation.sites.settings.ladder import Climb, Ladder, Step
from moderation.sites.settings.values import SiteSettings
from moderation.spine.articles.tables import authors
from moderation.spine.comments.tables import comments
from moderation.spine.events.tables import events
from service.context import utc_now
from service.desk.authors import eu_categories, eu_keywords
from tests.builders import OPERATOR, a_check
from tests.service.desk.browsing import Browser, Page
from tests.service.desk.cast import Cast

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def standing_of(cast: Cast, author_id: str) -> str:
    with cast.database.read() as conn:
        return str(conn.execute(sa.select(authors.c.standing).where(authors.c.id == author_id)).scalar_one())


def sent(cast: Cast) -> list[tuple[str, bool]]:
    """The types of all events about authors, and whether the site will hear of them."""
    query = sa.select(events.c.type, events.c.cancelled_at).where(events.c.author_id.is_not(None)).order_by(events.c.id)
    with cast.database.read() as conn:
        return [(kind, cancelled is None) for kind, cancelled in conn.execute(query)]


def marked(page: Page) -> str:
    return " ".join(page.html.select(".notice.soft")[0].get_text(" ").split())


def test_a_mark_on_an_author_holds_is_shown_and_is_ended(cast: Cast, ana: Browser) -> None:
    page = ana.get(f"/desk/authors/{cast.published(author='Mira').author_id}")

    page = page.press("Take the measure", measure="hold", reason="Threatened a reporter", days="30")

    assert marked(page).startswith("On hold, until")
    assert "Threatened a reporter" in page.region("History")
    page = page.press("Take the measure", measure="restore", reason="")
    assert not page.html.select(".notice.soft")
    assert page.region("History").startswith("Measure lifted")


def test_the_search_of_the_bar_stays_empty_on_an_authors_page(cast: Cast, ana: Browser) -> None:
    page = ana.get(f"/desk/authors/{cast.published(author='Mira').author_id}")

    page = page.press("Take the measure", measure="hold", reason="Floods us")

    assert page.field_named("q") == ""


def test_a_suspension_leads_to_the_statement_that_its_author_reads(cast: Cast, ana: Browser) -> None:
    page = ana.get(f"/desk/authors/{cast.published(author='Mira', language='de').author_id}")

    page = page.press("Take the measure", measure="suspend", reason="Threatened a reporter", days="30")

    statement = page.follow("Statement of reasons")
    assert statement.heading() == "Sie können vorübergehend nicht kommentieren"
    assert "Threatened a reporter" in statement.text and "Ana" not in statement.text
    page = ana.get(page.path).press("Take the measure", measure="warn", reason="Calm down")
    assert len([link for link in page.html.find_all("a") if "Statement of reasons" in link.get_text()]) == 1


def test_a_mark_keeps_its_end_while_only_its_reason_is_edited(cast: Cast, ana: Browser) -> None:
    path = f"/desk/authors/{cast.published(author='Mira').author_id}"
    page = ana.get(path).press("Take the measure", measure="hold", reason="Floods us", days="7")
    end = page.html.select(".notice.soft time")[0]["datetime"]
    assert page.field_named("reason") == "Floods us"

    page = page.press("Take the measure", reason="Floods us, and was warned")

    assert "Floods us, and was warned" in marked(page)
    assert page.html.select(".notice.soft time")[0]["datetime"] == end
    page = page.press("Take the measure", end="none")
    assert not page.html.select(".notice.soft time")


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"measure": "hold", "days": "30"}, "reason", "Say why, in 1 to 500 characters."),
        ({"measure": "suspend", "reason": "x"}, "days", "Say for how long: only a ban has no end."),
        ({"measure": "ban", "reason": "x", "days": "7"}, "days", "Must be empty: nothing ends by itself after you ban"),
        ({"measure": "hold", "reason": "x", "days": "367"}, "days", "Must be 1 to 366, or empty."),
        ({"measure": "hold", "reason": "x", "days": "½"}, "days", "Must be a whole number."),
        (
            {"measure": "warn", "rejection_reason": "Nonsense"},
            "rejection_reason",
            "Must be one of the site's reasons for rejection.",
        ),
        ({"measure": "flog", "reason": "x"}, "measure", "Choose a measure."),
    ],
)
def test_a_measure_that_is_not_complete_is_refused_with_what_was_typed(
    cast: Cast, ana: Browser, fields: dict[str, str], field: str, said: str
) -> None:
    author = cast.published(author="Mira").author_id

    page = ana.get(f"/desk/authors/{author}").press("Take the measure", **fields)

    assert (page.status, page.heading()) == (422, "Mira")
    assert page.html.select(f"#problem-{field}")[0].get_text().startswith(said)
    assert page.field_named("days") == fields.get("days", "")
    assert (standing_of(cast, author), sent(cast)) == ("normal", [])


def test_a_measure_beside_a_comment_goes_back_to_it_and_one_key_undoes_it(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged("You fool.", author="Mira")
    page = ana.get(f"/desk/review/{comment.id}")

    page = page.press("Take the measure", measure="suspend", rejection_reason="Insult or abuse", days="7")

    assert page.path == f"/desk/review/{comment.id}"
    assert page.status_line.startswith("Suspended: Mira")
    assert "suspended" in page.region("Why it is here")
    assert standing_of(cast, comment.author_id) == "suspended"
    undone = page.press("Undo : suspended, Mira")
    assert undone.path == f"/desk/review/{comment.id}"
    assert undone.status_line.startswith("Undone: suspended: Mira")
    assert standing_of(cast, comment.author_id) == "normal"
    assert sent(cast) == [("author.suspended", False)]


def test_a_measure_on_the_authors_page_and_its_undo_leave_a_status_line(cast: Cast, ana: Browser) -> None:
    author = cast.published(author="Mira").author_id

    page = ana.get(f"/desk/authors/{author}").press("Take the measure", measure="warn", reason="Calm down")

    assert page.status_line.startswith("Warned: Mira")
    (undo,) = page.html.select("#status [data-key=z]")
    undone = page.press(" ".join(undo.get_text(" ").split()))
    assert undone.path == f"/desk/authors/{author}"
    assert undone.status_line.startswith("Undone: warned: Mira")
    assert ana.get(f"/desk/authors/{author}").status_line == ""


def test_only_the_newest_measure_is_undone(cast: Cast, ana: Browser, ben: Browser) -> None:
    author = cast.published(author="Mira").author_id
    first = ana.get(f"/desk/authors/{author}").press("Take the measure", measure="warn", reason="Calm down")
    ben.get(f"/desk/authors/{author}").press("Take the measure", measure="ban", reason="Threats")

    refused = first.press("Undo : warned")

    assert refused.status == 409
    assert "this is no longer the newest measure" in refused.text
    assert standing_of(cast, author) == "banned"


def test_the_ladder_proposes_its_next_step_on_the_card(cast: Cast, ana: Browser) -> None:
    climb_after(cast, 2, "proposed")
    for number in range(2):
        comment = cast.flagged(f"You fool {number}.", author="Mira")
        ana.get(f"/desk/review/{comment.id}").press("Reject as insult or abuse")
    comment = cast.flagged("You fool again.", author="Mira")
    page = ana.get(f"/desk/review/{comment.id}")
    assert "2 rejections in 30 days count against this author." in page.region("Proposed measure")

    page = page.press("Hold for 7 days")

    assert standing_of(cast, comment.author_id) == "hold"
    assert not page.has_button("Suspend for 7 days")  # the count begins anew
    assert page.status_line.startswith("Put on hold: Mira")


def test_the_ladder_acts_by_itself_where_the_site_says_so_and_goes_back_with_its_rejection(
    cast: Cast, ana: Browser
) -> None:
    climb_after(cast, 1, "applied")
    comment = cast.flagged("You fool.", author="Mira")

    page = ana.get(f"/desk/review/{comment.id}").press("Reject as insult or abuse")

    assert standing_of(cast, comment.author_id) == "hold"
    assert "by the ladder" in ana.get(f"/desk/authors/{comment.author_id}").region("History")
    page.press("Undo : rejected as insult or abuse, Mira")
    assert standing_of(cast, comment.author_id) == "normal"
    assert sent(cast) == [("author.held", False)]


def test_the_ladder_goes_back_with_an_agreement_that_is_undone(cast: Cast, ana: Browser) -> None:
    climb_after(cast, 1, "applied")
    comment = cast.published("You fool.", author="Mira")
    db, now, by = cast.database, utc_now(), cast.moderator("Ana")
    rejected = a_check(comment_id=comment.id, site_id=comment.site_id, verdict=CommentStatus.REJECTED, decided_at=None)
    with db.write() as conn:
        conn.execute(comments.update().where(comments.c.id == comment.id).values(status="rejected"))
        checks.insert(conn, [replace(rejected, outcome=None)])
    agreed = ModeratorChoice(Choice.REJECT, 2, "Insult or abuse")

    made = check_review.judge(db, by, comment.id, agreed, now=now, hold_s=9)

    assert made is not None and standing_of(cast, comment.author_id) == "hold"
    review.undo(db, by, made.id, now=now, hold_s=9)
    assert standing_of(cast, comment.author_id) == "normal"


def test_a_rejection_that_counts_against_nobody_leads_nowhere(cast: Cast, ana: Browser) -> None:
    climb_after(cast, 1, "applied")
    comment = cast.flagged("You fool.", author="Mira")

    ana.get(f"/desk/review/{comment.id}").press("4 Off topic")

    assert standing_of(cast, comment.author_id) == "normal"


def climb_after(cast: Cast, rejections: int, climb: str) -> None:
    steps = (Step(Measure.HOLD, 7), Step(Measure.SUSPEND, 7), Step(Measure.BAN))
    ladder = Ladder(rejections, 30, steps, Climb(climb))
    sites.change_settings(cast.database, cast.herald.id, by=OPERATOR, now=utc_now(), author_ladder=ladder)


def test_a_lead_describes_the_reasons_and_sets_the_ladder(cast: Cast, ana: Browser, ben: Browser) -> None:
    page = ben.get("/desk/reasons", site=cast.herald.id)
    assert page.field_named("name-0") == "Insult or abuse"
    assert page.field_named("wordings-0-de") == "Beleidigung"

    saved = page.press(
        "Save",
        **{"name-5": "", "place-3": "1", "place-0": "4", "messages-3-en": "Stay with the article. {measure}"},
        **{"climb": "applied", "rejections": "2", "measure-0": "warn", "days-0": "", "measure-3": ""},
    )

    assert "Saved." in saved.text
    settings = settings_of(cast)
    assert settings.rejection_reasons[0] == "Off topic"
    assert "Other" not in settings.rejection_reasons
    assert settings.reason_details["Off topic"].messages == {"en": "Stay with the article. {measure}"}
    assert settings.reason_details["Off topic"].wordings["fr"] == "Hors sujet"
    assert set(settings.reason_details) == {"Off topic"}  # the others are as they come with Gavel
    ladder = settings.author_ladder
    assert ladder is not None
    assert [step.measure for step in ladder.steps] == ["warn", "suspend", "ban"]
    assert ana.get(f"/desk/review/{cast.flagged().id}").has_button("1 Off topic")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"wordings-0-xx": "Beleidigung", "languages": "en xx"}, "Must name languages by ISO 639 codes"),
        ({"messages-0-en": "You {verb} us."}, "and no other braces"),
        ({"kind-0": "law"}, "Must name the provision of the law, such as § 185 StGB (Insult or abuse)."),
        ({"provision-0": "§ 185 StGB"}, "Must name no provision: it is a house rule (Insult or abuse)."),
        ({"texts-0-en": "", "languages": "en"}, "Must have the rule or the explanation in one language at least"),
        ({"name-1": "insult OR abuse"}, "Must differ from one another."),
        ({"climb": "proposed", "rejections": "a few"}, "The ladder needs whole numbers."),
        ({"climb": "proposed", "measure-0": "ban", "days-0": ""}, "Must have steps that become more severe"),
    ],
)
def test_reasons_that_make_no_sense_are_refused_with_what_was_typed(
    cast: Cast, ben: Browser, fields: dict[str, str], said: str
) -> None:
    page = ben.get("/desk/reasons", site=cast.herald.id).press("Save", **fields)

    assert page.status == 422
    assert said in page.text
    assert settings_of(cast).reason_details == {}
    assert settings_of(cast).author_ladder is None
    name, typed = next(iter(fields.items()))
    found = page.html.select(f'[name="{name}"]')
    assert any(typed in str(field) for field in found)


def test_a_lead_sets_the_ground_of_a_reason_and_the_audit_trail_has_it(cast: Cast, ben: Browser) -> None:
    page = ben.get("/desk/reasons", site=cast.herald.id)
    assert "Comments must be about the article" in page.text
    law = {"kind-0": "law", "provision-0": "§ 185 StGB", "keywords-0": "KEYWORD_DEFAMATION"}
    law |= {f"texts-0-{code}": "" for code in sentences.LANGUAGES} | {"texts-0-de": "Eine Beleidigung."}
    category = "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH"

    saved = page.press("Save", **law, **{"category-0": category})

    assert saved.field_named("provision-0") == "§ 185 StGB"
    details = settings_of(cast).reason_details
    assert set(details) == {"Insult or abuse"}
    ground = Ground({"de": "Eine Beleidigung."}, GroundKind.LAW, "§ 185 StGB", category, ("KEYWORD_DEFAMATION",))
    assert details["Insult or abuse"].ground == ground
    with cast.database.read() as conn:
        (noted, *_) = audit_entries.entries(conn, cast.herald.id, before=None, limit=1)
    assert noted.after is not None
    assert noted.after["reason_details"]["Insult or abuse"]["ground"]["provision"] == "§ 185 StGB"


def test_a_lead_adds_a_language_and_loses_nothing_that_was_typed(cast: Cast, ben: Browser) -> None:
    page = ben.get("/desk/reasons", site=cast.herald.id)

    shown = page.press("Show its fields", language="sv", **{"messages-0-en": "Stay calm. {measure}"})
    assert settings_of(cast).reason_details == {}
    assert shown.field_named("messages-0-en") == "Stay calm. {measure}"
    saved = shown.press("Save", **{"wordings-0-sv": "Förolämpning", "texts-0-sv": "Inga förolämpningar.\r\nAlls."})

    details = settings_of(cast).reason_details["Insult or abuse"]
    assert (details.wordings["sv"], details.wordings["de"]) == ("Förolämpning", "Beleidigung")
    assert details.messages == {"en": "Stay calm. {measure}"}
    assert details.ground is not None and details.ground.texts["sv"] == "Inga förolämpningar.\nAlls."
    assert saved.field_named("wordings-0-sv") == "Förolämpning"


def test_a_keyword_that_the_form_does_not_offer_is_refused(cast: Cast, ben: Browser) -> None:
    page = ben.get("/desk/reasons", site=cast.herald.id).press("Save", **{"keywords-0": "KEYWORD_RUDENESS"})

    assert page.status == 422
    assert "keywords, all of the EU's database" in page.text
    assert settings_of(cast).reason_details == {}


def test_every_keyword_and_category_of_the_eu_has_words(app: Flask) -> None:
    with app.test_request_context():
        assert set(eu_keywords.in_words()) == set(KEYWORDS)
        assert set(eu_categories.in_words()) == set(CATEGORIES)


def test_a_moderator_who_is_no_lead_does_not_set_reasons(ana: Browser) -> None:
    assert ana.get("/desk/reasons").status == 403
    assert ana.post("/desk/reasons", {"name-0": "x"}).status == 403


def settings_of(cast: Cast) -> SiteSettings:
    with cast.database.read() as conn:
        return store.get_site(conn, cast.herald.id).settings
