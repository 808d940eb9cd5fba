"""Which comments are drawn for a check: with a known probability, within the day's number, some of each kind."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from moderation.ground.database.engine import Database, new_id
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.ground.values.verdicts import Verdict
from moderation.insight.checks import drawn_numbers
from moderation.insight.checks import draws as check_draws
from moderation.insight.checks import rows as checks
from moderation.insight.checks.drawn_numbers import drawn_number as real_lot
from moderation.insight.checks.draws import LARGEST, DrawState, chance
from moderation.insight.checks.rows import Check, Drawn
from moderation.judging.signals.scoring import Scoring
from moderation.pipeline.arriving import intake
from moderation.pipeline.loading import rows as loading
from moderation.pipeline.settling.judgements import settle
from moderation.sites import rows as sites
from moderation.sites.settings.values import SiteSettings
from moderation.spine.comments import decision_rows as decisions
from moderation.spine.comments.moves import Judgement
from moderation.spine.comments.rows import get_comment
from tests.builders import NOON
from tests.moderation.conftest import Newsroom
from tests.statements import Asked

PUBLISHED, FLAGGED, REJECTED = CommentStatus.PUBLISHED, CommentStatus.FLAGGED, CommentStatus.REJECTED
QUIET = 100.0  # decisions a day


def known(count: int, section: str | None = None) -> tuple[Drawn, ...]:
    """So many checks of published comments, all found right."""
    return (Drawn(PUBLISHED, section, 0.01, PUBLISHED),) * count


def test_once_the_interval_is_narrow_the_share_is_the_sites() -> None:
    assert chance(SiteSettings(), PUBLISHED, None, DrawState(0, QUIET, known(2_000))) == pytest.approx(0.01)


@pytest.mark.parametrize(("count", "times"), [(5, 5.0), (100, 3.7), (200, 1.885), (500, 1.0)])
def test_more_is_drawn_while_the_interval_is_wide(count: int, times: float) -> None:
    found = chance(SiteSettings(), PUBLISHED, None, DrawState(0, QUIET, known(count)))

    assert found == pytest.approx(0.01 * times, rel=0.01)


def test_a_section_with_few_checks_is_drawn_more_often() -> None:
    state = DrawState(0, QUIET, known(2_000, "News"))

    assert chance(SiteSettings(), PUBLISHED, "Chess", state) == pytest.approx(0.05)
    assert chance(SiteSettings(), PUBLISHED, "News", state) == pytest.approx(0.01)


def test_at_a_large_site_the_days_number_decides_and_is_spread_over_the_day() -> None:
    state = DrawState(0, 20_000.0, known(5))

    assert chance(SiteSettings(check_most_per_day=40), PUBLISHED, None, state) == pytest.approx(0.8 * 40 / 20_000)


@pytest.mark.parametrize(("drawn", "of_the_share"), [(32, 1.0), (36, 0.5), (39, 0.125), (40, 0.0), (41, 0.0)])
def test_the_share_fades_out_towards_the_days_number(drawn: int, of_the_share: float) -> None:
    found = chance(SiteSettings(), PUBLISHED, None, DrawState(drawn, QUIET, known(2_000)))

    assert found == pytest.approx(0.01 * of_the_share)


def test_flagged_comments_cost_nobody_time_so_the_days_number_does_not_hold_them() -> None:
    assert chance(SiteSettings(), FLAGGED, None, DrawState(40, 20_000.0)) == pytest.approx(0.05)


@pytest.mark.parametrize("settings", [SiteSettings(check_share=0.0), SiteSettings(check_most_per_day=0)])
def test_a_site_that_wants_no_checks_has_none(settings: SiteSettings) -> None:
    assert all(chance(settings, verdict, None, DrawState(0, QUIET)) == 0 for verdict in (PUBLISHED, FLAGGED, REJECTED))


def test_no_probability_is_above_the_largest() -> None:
    assert chance(SiteSettings(check_share=0.25), REJECTED, "New", DrawState(0, 1.0)) == LARGEST


@pytest.mark.parametrize("verdict", [PUBLISHED, FLAGGED, REJECTED])
@pytest.mark.parametrize("count", [0, 1, 4, 5, 40, 2_000])
@pytest.mark.parametrize("outcome", [None, PUBLISHED, REJECTED])
def test_a_site_without_draws_behind_it_draws_most(
    verdict: CommentStatus, count: int, outcome: CommentStatus | None
) -> None:
    behind = (Drawn(verdict, "News", 0.01, outcome),) * count

    for per_day in (0.0, QUIET, 20_000.0):
        most = chance(SiteSettings(), verdict, "News", DrawState(3, per_day))
        assert chance(SiteSettings(), verdict, "News", DrawState(3, per_day, behind)) <= most


def test_lots_are_even_and_belong_to_the_id() -> None:
    drawn = [real_lot(new_id()) for _ in range(2_000)]

    assert 0.45 < sum(drawn) / len(drawn) < 0.55
    assert real_lot("c-1") == real_lot("c-1") != real_lot("c-1", "second")
    assert 0 <= min(drawn) <= max(drawn) < 1


def decided(newsroom: Newsroom, name: str, action: Action, *, text: str = "A civil comment.", **posted: object) -> str:
    """A comment that the policy decides. Returns its id."""
    newsroom.post(text, id=name, **posted)
    with newsroom.database.read() as conn:
        (waiting,) = loading.load_waiting(conn, [get_comment(conn, newsroom.site.id, name).id])
    made = Scoring((), {"toxicity": "t@1"}, "en", 0.01)
    settle(newsroom.database, [Judgement(waiting, made, Verdict(action, ()))], now=NOON)
    return waiting.comment.id


def check_of(database: Database, id: str) -> Check | None:
    with database.read() as conn:
        return checks.of(conn, [id]).get(id)


@pytest.fixture
def all_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawn_numbers, "drawn_number", lambda *_: 0.0)


@pytest.mark.usefixtures("all_drawn")
@pytest.mark.parametrize("action", Action)
def test_the_decision_and_its_draw_are_written_together(database: Database, newsroom: Newsroom, action: Action) -> None:
    id = decided(newsroom, "one", action, text="The women of the town council.", article=(("section", "City"),))

    found = check_of(database, id)
    assert found is not None
    assert (found.verdict, found.section, found.language, found.models) == (
        action.status,
        "City",
        "en",
        {"toxicity": "t@1"},
    )
    assert (found.groups, found.is_new_author, found.policy_version, found.drawn_at) == (("women",), True, 1, NOON)
    assert 0 < found.probability <= LARGEST
    assert found.outcome is None


def test_a_comment_whose_lot_is_above_its_probability_is_not_drawn(
    database: Database, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawn_numbers, "drawn_number", lambda *_: LARGEST - 0.0001)

    assert check_of(database, decided(newsroom, "one", Action.PUBLISH)) is not None
    monkeypatch.setattr(drawn_numbers, "drawn_number", lambda *_: LARGEST)
    assert check_of(database, decided(newsroom, "two", Action.PUBLISH)) is None


@pytest.mark.parametrize(("lot", "is_read"), [(0.2, False), (0.1, True)])
def test_earlier_draws_are_read_only_where_a_comment_may_be_drawn(
    database: Database, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, lot: float, is_read: bool
) -> None:
    with database.write() as conn:
        sites.update_site_settings(conn, newsroom.site.id, SiteSettings(check_most_per_day=1))  # 24 decisions a day
    monkeypatch.setattr(drawn_numbers, "drawn_number", lambda *_: lot)
    asked = Asked(database)

    with asked.listening():
        id = decided(newsroom, "one", Action.PUBLISH)

    assert any("checks.outcome" in statement for statement, _ in asked.statements) is is_read
    assert (check_of(database, id) is not None) is is_read


@pytest.mark.usefixtures("all_drawn")
def test_a_day_has_no_more_than_the_most(database: Database, newsroom: Newsroom) -> None:
    with database.write() as conn:
        sites.update_site_settings(conn, newsroom.site.id, SiteSettings(check_most_per_day=2))

    drawn = [check_of(database, decided(newsroom, f"c{n}", Action.PUBLISH)) for n in range(4)]

    assert [one is not None for one in drawn] == [True, True, False, False]


@pytest.mark.usefixtures("all_drawn")
def test_a_comment_that_is_decided_again_after_its_check_is_not_drawn_twice(
    database: Database, newsroom: Newsroom
) -> None:
    id = decided(newsroom, "one", Action.PUBLISH)
    with database.write() as conn:
        checks.settle(conn, id, PUBLISHED, reason=None, by=None, now=NOON)
    intake.edit(database, newsroom.queues, newsroom.site.id, "one", "Another text.", now=NOON + timedelta(hours=1))
    with database.read() as conn:
        (again,) = loading.load_waiting(conn, [id])

    made = Scoring((), {}, "en", 0.01)
    settle(database, [Judgement(again, made, Verdict(Action.FLAG, ()))], now=NOON + timedelta(hours=1))

    found = check_of(database, id)
    assert found is not None and (found.verdict, found.outcome) == (PUBLISHED, PUBLISHED)


def test_the_pace_is_that_of_the_newest_decisions(database: Database, newsroom: Newsroom) -> None:
    for number in range(4):
        decided(newsroom, f"c{number}", Action.PUBLISH)

    def pace(newest: int, now: datetime) -> float:
        with database.read() as conn:
            return decisions.pace(conn, newsroom.site.id, newest=newest, now=now)

    assert pace(1_000, NOON + timedelta(days=2)) == pytest.approx(2)
    assert [pace(newest, NOON + timedelta(days=2)) for newest in (5, 4, 3)] == pytest.approx([2, 2, 1.5])
    assert pace(2, NOON + timedelta(days=2)) == pytest.approx(1)
    assert pace(2, NOON) == pytest.approx(2 * 24)  # over an hour at least
    assert check_draws.NEWEST > 2


def test_without_decisions_there_is_no_pace(database: Database, newsroom: Newsroom) -> None:
    newsroom.post("Waits.")

    with database.read() as conn:
        assert decisions.pace(conn, newsroom.site.id, newest=2, now=NOON) == 0
