"""A session that ends in mid-decision loses neither the decision nor the note."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from moderation.ground.values.statuses import CommentStatus
from moderation.spine.comments import decision_rows as decisions
from tests.service.desk.browsing import SAME_ORIGIN, Browser
from tests.service.desk.cast import PASSWORD, Cast
from tests.service.desk.review.test_review import status_of

LOGIN = {"email": "ana@example.org", "password": PASSWORD}


@pytest.fixture
def ana(cast: Cast, browser: Callable[[], Browser]) -> Browser:
    return browser().log_in_as(cast, "Ana")


def test_after_the_login_the_decision_is_one_press_away(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged()
    seen = ana.get("/desk/review")
    ana.client.delete_cookie("gavel_session")

    login = seen.press("Reject as insult", note="Quotes “the fool” & more")
    assert (login.status, login.heading()) == (401, "Gavel")
    assert "you can still do it: Reject as insult or abuse." in login.text
    asked = login.press("Log in", **{**LOGIN, "password": "wrong"}).press("Log in", **LOGIN)

    assert asked.heading() == "Not done yet"
    assert "Quotes “the fool” & more" in asked.text
    assert status_of(cast, comment.id) is CommentStatus.FLAGGED
    asked.press("Reject as insult or abuse")
    with cast.database.read() as conn:
        made = decisions.latest_decision(conn, comment.id)
    assert made is not None
    assert (made.status_after, made.reason, made.note) == (
        "rejected", "Insult or abuse", "Quotes “the fool” & more",
    )  # fmt: skip


def test_what_changed_meanwhile_is_not_overwritten(cast: Cast, ana: Browser, browser: Callable[[], Browser]) -> None:
    comment = cast.flagged()
    seen = ana.get("/desk/review")
    ana.client.delete_cookie("gavel_session")
    login = seen.press("Approve")
    browser().log_in_as(cast, "Ben").get(f"/desk/review/{comment.id}").press("Reject")

    page = login.press("Log in", **LOGIN).press("Approve")

    assert page.status == 409
    assert status_of(cast, comment.id) is CommentStatus.REJECTED


def test_htmx_gets_the_login_in_place_with_the_entries(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged()
    headers = {**SAME_ORIGIN, "HX-Request": "true"}
    fields = {"choice": "approve", "version": "2", "view": "", "note": "Fine."}

    ana.client.delete_cookie("gavel_session")
    answer = ana.client.post(f"/desk/comments/{comment.id}/decisions", data=fields, headers=headers)

    html = answer.get_data(as_text=True)
    assert answer.status_code == 401
    assert 'name="unfinished"' in html and "<html" not in html and "Fine." in html


@pytest.mark.parametrize(
    ("path", "fields"),
    [("/desk/account/password", {"old": PASSWORD, "new": "another long passphrase"}), ("/desk/logout", {"x": "1"})],
)
def test_no_secret_is_kept_and_nothing_that_is_pointless(ana: Browser, path: str, fields: dict[str, str]) -> None:
    ana.client.delete_cookie("gavel_session")

    answer = ana.client.post(path, data=fields, headers=SAME_ORIGIN)

    assert answer.status_code == 303
    assert "passphrase" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "packed",
    [
        "",
        "{}",
        "[1]",
        json.dumps(["https://evil.example/", [["a", "b"]]]),
        json.dumps(["/desk//x", [["a", "b"]]]),
        "[[",
    ],
)
def test_a_form_of_another_kind_is_no_unfinished_one(ana: Browser, packed: str) -> None:
    ana.client.delete_cookie("gavel_session")

    answer = ana.client.post("/desk/login", data={**LOGIN, "unfinished": packed}, headers=SAME_ORIGIN)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/review")
