"""Stored comments with a band or a mark, read for many at once."""

from __future__ import annotations

import pytest

from moderation.ground.database.engine import Database
from moderation.judging.text.contacts.shared_marks import MARK, mark_band
from moderation.moderators.campaigns import candidate_rows as candidates
from moderation.sites.rows import Site
from moderation.spine.comments import scoring_rows as scoring
from tests.moderation.conftest import Newsroom

MARKS = [MARK + n for n in range(3)]


@pytest.fixture
def stored(newsroom: Newsroom) -> list[str]:
    """Six comments: each has a band of its own, one that all have, and one of three marks."""
    ids = [newsroom.post(f"Text {n}.", id=f"n-{n}").comment.id for n in range(6)]
    site_id = newsroom.site.id
    texts = [(site_id, id, -n, (n, 1_000)) for n, id in enumerate(ids)]
    marks = [(site_id, id, MARKS[n % 3], (mark_band(MARKS[n % 3]),)) for n, id in enumerate(ids)]
    with newsroom.database.write() as conn:
        scoring.insert_fingerprints(conn, [*texts, *marks])
    return ids


@pytest.mark.parametrize("count", [1, 4, 5, 64, 65, 130])
def test_each_band_of_many_has_its_own_comments(
    newsroom: Newsroom, database: Database, stored: list[str], count: int
) -> None:
    with database.read() as conn:
        found = candidates.in_bands(conn, newsroom.site.id, range(count))

    assert found == {band: [(stored[band], -band)] for band in range(min(count, len(stored)))}


def test_of_a_band_and_of_a_mark_the_newest_are_read(
    newsroom: Newsroom, database: Database, stored: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "MOST_OF_A_BAND", 3)
    monkeypatch.setattr(candidates, "MOST_SHARING", 1)
    with database.read() as conn:
        by_band = candidates.in_bands(conn, newsroom.site.id, [1_000])
        by_mark = candidates.sharing(conn, newsroom.site.id, MARKS)

    assert list(candidates.others_in(by_band, [1_000], not_comment=stored[5])) == [stored[4], stored[3], stored[2]]
    assert list(candidates.others_in(by_band, [1_000], not_comment="none")) == [stored[5], stored[4], stored[3]]
    assert by_mark == {mark: [stored[n + 3], stored[n]] for n, mark in enumerate(MARKS)}
    assert candidates.others_sharing(by_mark, MARKS[:1], not_comment=stored[3]) == {stored[0]}


def test_another_site_has_none_of_them(database: Database, stored: list[str], other_site: Site) -> None:
    with database.read() as conn:
        assert stored
        assert candidates.in_bands(conn, other_site.id, [1_000]) == {}
        assert candidates.sharing(conn, other_site.id, MARKS) == {}
