"""Every page of the desk in a real browser: axe finds nothing at any width, and hostile texts stay texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
import sqlalchemy as sa
from werkzeug.routing import Rule

from moderation.insight.learning.shadows.tables import shadows
from moderation.moderators.campaigns.tables import campaigns
from moderation.pipeline.second_opinions import replaying
from moderation.pipeline.second_opinions.replies import ReaderReply
from moderation.sites.second_readers.tables import second_readers
from moderation.sites.second_readers.values import ReaderState
from moderation.spine.comments.tables import comments, decisions, notices
from moderation.spine.second_readings.values import Purpose, ReaderAnswer
from tests.builders import OPERATOR
from tests.desk.axe import violations
from tests.desk.conftest import Open
from tests.desk.scenes import client, counts, mid_shift
from tests.moderation.pipeline.second_opinions.conftest import BREAKS, pass_trial
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast
from tests.service.desk.notices.test_notices_page import give
from tests.service.desk.second_reader.test_second_readers import connect, decide, room_of

pytestmark = pytest.mark.browser

SPECIAL = (
    "/desk/review?escalated=1", "/desk/bulk?low=0.8&high=1", "/desk/search?q=licence", "/desk/policy/versions/1",
    "/desk/decided?status=published", "/desk/nothing-here", "/desk/rules/rule/insults", "article", "author", "batch",
    "campaign", "collect", "decided", "notice", "second reader", "selection", "shadow", "differences", "timeline",
)  # fmt: skip
"""Pages whose address holds an id or a question. All others are read from the routes."""
NO_PAGE = frozenset((
    "/desk/audit.csv", "/desk/given-up", "/desk/given-up/<path:rest>", "/desk/learning/versions/card", "/desk/live",
    "/desk/transparency-report.csv", "/desk/transparency-report.html", "/desk/trends.csv", "/desk/rules/export/<kind>",
    "/desk/arrivals", "/desk/hints", "/desk/queue-changes", "/desk/second-readers/<uuid:reader_id>/progress",
    "/desk/learning/shadow/<uuid:shadow_id>/counting",
))  # fmt: skip
"""Files, signs of life, and parts that a page fetches again."""
READ_ELSEWHERE = frozenset((
    "/desk/appeals/<uuid:appeal_id>", "/desk/login", "/desk/login/callback", "/desk/login/leave",
    "/desk/login/provider",
))  # fmt: skip
"""By `test_appeals_in_a_browser` and `test_provider_in_a_browser`."""
UNREAD = frozenset((
    "/desk/checks/<uuid:comment_id>", "/desk/failed/comments/<uuid:comment_id>", "/desk/failed/events/<uuid:event_id>",
    "/desk/invitations/<token>", "/desk/languages/change",
))  # fmt: skip
"""Pages that only a drawn check, a failure, an invitation or a change at hand has."""
NOT_ALONE = NO_PAGE | READ_ELSEWHERE | UNREAD | {"/desk/bulk/selection"}
HOSTILE = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"><svg onload=alert(1)>", "' onmouseover='alert(1)",
    "{{ 7 * 7 }}{% raw %}", "</textarea></title></style><iframe src=javascript:alert(1)>", "javascript:alert(1)",
    "\u202egnp.exe\u2066 <b>bold</b>", "a" * 300, "Z\u0351\u036b\u0343" * 40,
)  # fmt: skip


def rules(cast: Cast) -> list[Rule]:
    """Every address of the desk that answers a GET."""
    every = client(cast).application.url_map.iter_rules()
    return [rule for rule in every if rule.endpoint.startswith("desk.") and "GET" in (rule.methods or ())]


def paths(cast: Cast) -> list[str]:
    plain = [rule.rule for rule in rules(cast) if not rule.arguments and rule.rule not in NOT_ALONE]
    return [*plain, *_special(cast)]


def _special(cast: Cast) -> list[str]:
    with cast.database.read() as conn:
        comment = conn.execute(sa.select(comments).order_by(comments.c.id.desc()).limit(1)).one()
        done = conn.execute(sa.select(decisions.c.comment_id).where(decisions.c.moderator_id.is_not(None))).scalar()
        batch = conn.execute(sa.select(decisions.c.batch_id).where(decisions.c.batch_id.is_not(None))).scalar()
        campaign = conn.execute(sa.select(campaigns.c.id)).scalar()
        reader = conn.execute(sa.select(second_readers.c.id)).scalar()
        notice = conn.execute(sa.select(notices.c.id)).scalar()
        shadow = conn.execute(sa.select(shadows.c.id)).scalar()
    special = {
        "timeline": f"/desk/comments/{comment.id}",
        "author": f"/desk/authors/{comment.author_id}",
        "collect": f"/desk/rules/collect/{comment.id}",
        "article": f"/desk/articles/{comment.article_id}",
        "decided": f"/desk/review/{done}",
        "batch": f"/desk/batches/{batch}",
        "campaign": f"/desk/campaigns/{campaign}",
        "notice": f"/desk/notices/{notice}",
        "second reader": f"/desk/second-readers/{reader}",
        "selection": f"/desk/bulk/selection?ids={comment.id}:{comment.version}",
        "shadow": f"/desk/learning/shadow/{shadow}",
        "differences": f"/desk/learning/shadow/{shadow}/differences",
    }
    return [special.get(path, path) for path in SPECIAL]


def a_notice(cast: Cast) -> None:
    give(cast, cast.published("The first crane."), HOSTILE[0], name=HOSTILE[1])


def a_shadow(cast: Cast) -> None:
    page = Browser(client(cast)).log_in("Ben").get("/desk/learning/shadow", site=cast.herald.id)
    assert (
        page.press("Run it in the shadow", name=HOSTILE[0], signal="toxicity", limit="0.5", action="flag").status == 200
    )


def a_rule_with_a_case(cast: Cast) -> None:
    ben = Browser(client(cast)).log_in("Ben")
    page = ben.get("/desk/rules", site=cast.herald.id).press("Add the rule", name="Insults", sentence=HOSTILE[0])
    assert page.press("Add the case", text=HOSTILE[1], must="held", why=HOSTILE[2]).status == 200


def a_second_reader(cast: Cast) -> None:
    """With a trial that refused it, a replay, a try, and a week of its readings."""
    connect(cast, Browser(client(cast)).log_in("Ben"), name=HOSTILE[0], model=HOSTILE[1])
    room = room_of(cast)
    room.state(ReaderState.SHADOW)
    pass_trial(cast.database, room.reader, cast.now, says=lambda question: "idiot" in question.text)
    decide(cast, 6)
    room.replies = lambda question: ReaderReply(
        replace(BREAKS, quote="angry words") if "angry" in question.text else ReaderAnswer(missing=HOSTILE[2])
    )
    for purpose in (Purpose.TRY, Purpose.REPLAY):
        replaying.start(
            cast.database, cast.herald.id, room.reader.id, purpose=purpose, most=6, by=OPERATOR, now=room.at
        )
        room.read()
        replaying.end_finished(cast.database, cast.herald.id, now=room.at)


def half_undone_batch(cast: Cast) -> None:
    """Two comments that are rejected together; all is taken back, and one of them is decided again."""
    ana = Browser(client(cast)).log_in("Ana")
    with cast.database.read() as conn:
        flagged = sa.select(comments.c.id, comments.c.version).where(comments.c.status == "flagged")
        ticked = [f"{id}:{version}" for id, version in conn.execute(flagged.order_by(comments.c.id).limit(2))]
    undone = ana.get(f"/desk/bulk/selection?ids={'&ids='.join(ticked)}").press("Reject 2").press("Undo 2")
    ana.get(f"/desk/review/{ticked[0].partition(':')[0]}").press("Reject")
    assert undone.has_button("Redo 2")


def treated_campaign(cast: Cast) -> None:
    """Copies by four readers: one is online, three wait, and what comes like them is not held for being a copy."""
    text = "Read this before they delete it: the mayor has sold the harbour to his own brother for one euro"
    copies = [cast.published(text, author="Una")]
    copies += [cast.flagged(f"{text} {'!' * number}", author=f"Reader {number}") for number in range(3)]
    ana = Browser(client(cast)).log_in("Ana")
    page = ana.get(f"/desk/review/{copies[-1].id}").follow("Posted before: 3").press("Approve 3", treat="1")
    assert page.press("Undo 3").status == 200


def everything(cast: Cast) -> None:
    mid_shift(cast)
    half_undone_batch(cast)
    a_rule_with_a_case(cast)
    a_second_reader(cast)
    treated_campaign(cast)
    a_notice(cast)
    a_shadow(cast)


CONTRAST = "color-contrast"  # colours are the same at any width, and axe takes longest for them
AT_WIDTHS: Mapping[str, Mapping[int, Mapping[str, object]]] = {
    "light": {1280: {}, 390: {"rules": {CONTRAST: {"enabled": False}}}},
    "dark": {768: {"runOnly": [CONTRAST]}},
}
"""By scheme of colours: what axe looks for at each width. The widths of one scheme stand for both."""


@pytest.mark.parametrize("color_scheme", AT_WIDTHS)
def test_axe_finds_nothing_on_any_page_at_any_width(cast: Cast, screen: Open, color_scheme: str) -> None:
    everything(cast)
    at = screen(color_scheme=color_scheme).open("/desk/login")
    found = violations(at, "login 1280")
    at.log_in("Dora").press("1").press("e").press("a").press("z")

    for width, looks_for in AT_WIDTHS[color_scheme].items():
        at.page.set_viewport_size({"width": width, "height": 900})
        for path in paths(cast):
            found += violations(at.open(path), f"{path} {width}", looks_for)

    assert found == []


def test_axe_reads_every_page_of_the_desk_but_those_named(cast: Cast) -> None:
    everything(cast)
    addresses = client(cast).application.url_map.bind("localhost")
    read = {addresses.match(path.partition("?")[0], return_rule=True)[0].rule for path in paths(cast)}

    assert {rule.rule for rule in rules(cast)} - read == NO_PAGE | READ_ELSEWHERE | UNREAD


STRAYS = "iframe, img, script:not([src]):not(#words[type='application/json']), [onerror], [onload], [onmouseover]"
"""Elements that no template makes. The script without an address is data: the words of the desk's script."""


def test_hostile_texts_stay_texts_on_every_page(cast: Cast, screen: Open) -> None:
    for number, text in enumerate(HOSTILE):
        cast.flagged(
            f"{text} {number}", author=text[:200], evidence=(text[:20],), language="en",
            article_id=f"a-{number}",
            article={"title": text, "section": text[:100], "url": text, "question": text},
        )  # fmt: skip
    at = screen().log_in("Dora")
    with cast.database.read() as conn:
        every = list(conn.execute(sa.select(comments.c.id, comments.c.author_id, comments.c.article_id)))
    note = HOSTILE[0] + HOSTILE[1]
    Browser(client(cast)).log_in("Ana").get(f"/desk/review/{every[0].id}").press("Reject", note=note)
    half_undone_batch(cast)
    a_rule_with_a_case(cast)
    a_second_reader(cast)
    a_notice(cast)
    a_shadow(cast)
    own = [f"/desk/review/{c.id}" for c in every] + [f"/desk/comments/{c.id}" for c in every]
    own += [f"/desk/authors/{c.author_id}" for c in every] + [f"/desk/review?article={c.article_id}" for c in every]
    own += [f"/desk/search?q={text[:40]}" for text in HOSTILE if "#" not in text and "%" not in text]
    before = counts(cast, comments, "status")

    for path in [*paths(cast), *own]:
        at.open(path)
        strays = at.page.locator(STRAYS).count()
        assert (path, strays) == (path, 0)

    foreign = [word for word in at.said if "404" not in word]  # the page that is not there
    assert foreign == []
    assert counts(cast, comments, "status") == before
    assert before["rejected"] >= 2
