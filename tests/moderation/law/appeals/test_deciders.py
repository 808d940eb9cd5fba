"""The people who may decide an appeal."""

from __future__ import annotations

import pytest

from moderation.law.appeals.deciders import barred_makers, deciders

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
    assert deciders(roles, maker) == expected


@pytest.mark.parametrize(
    ("roles", "person", "expected"),
    [
        (STAFF, "ana", {"ana", "ben", "dora"}),
        (STAFF, "ben", {"ben"}),
        ({"ana": "moderator", "ben": "lead"}, "ana", {"ana"}),
        ({"ben": "lead"}, "ben", set()),
        ({"ana": "moderator"}, "ana", {"ana"}),
    ],
)
def test_a_list_leaves_out_the_decisions_that_a_person_may_not_look_at(
    roles: dict[str, str], person: str, expected: set[str]
) -> None:
    assert barred_makers(roles, person) == expected
