"""The people who may decide an appeal."""

from __future__ import annotations

import pytest

from moderation.law.appeals.deciders import deciders

STAFF = {"ana": "moderator", "abe": "moderator", "ben": "lead", "dora": "admin"}


@pytest.mark.parametrize(
    ("roles", "maker", "expected"),
    [
        (STAFF, None, {"ana", "abe", "ben", "dora"}),  # software, or the site by API
        (STAFF, "ana", {"abe", "ben", "dora"}),
        (STAFF, "ben", {"dora"}),  # another lead
        (STAFF, "somebody who left", {"ana", "abe", "ben", "dora"}),
        ({"ana": "moderator", "ben": "lead"}, "ben", {"ana"}),  # independence before rank
        ({"ana": "moderator", "ben": "lead"}, "ana", {"ben"}),
        ({"ben": "lead"}, "ben", {"ben"}),  # alone, which the author is told
        ({"ben": "lead"}, None, {"ben"}),
        ({"ana": "moderator"}, "ana", set()),
        ({"ana": "moderator"}, None, {"ana"}),
        ({}, None, set()),
    ],
)
def test_people_who_did_not_decide_look_at_it_again(
    roles: dict[str, str], maker: str | None, expected: set[str]
) -> None:
    assert deciders(roles, frozenset({maker} if maker else ())) == expected


@pytest.mark.parametrize(
    ("roles", "makers", "expected"),
    [
        (STAFF, {"ana", "abe"}, {"ben", "dora"}),
        (STAFF, {"ana", "ben"}, {"dora"}),  # a lead among them: another lead
        (STAFF, {"ben", "dora"}, {"ana", "abe"}),
        (STAFF, set(STAFF), {"ben", "dora"}),  # all of them: a lead again, which the author is told
        ({"ana": "moderator", "abe": "moderator"}, {"ana", "abe"}, set()),
    ],
)
def test_nobody_of_several_makers_looks_at_it_again(
    roles: dict[str, str], makers: set[str], expected: set[str]
) -> None:
    assert deciders(roles, frozenset(makers)) == expected
