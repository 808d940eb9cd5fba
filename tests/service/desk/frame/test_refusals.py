"""The desk refuses in a moderator's words: none of the API's, no ids, and always a heading that says what happened."""

from __future__ import annotations

import re
from http import HTTPStatus

import pytest

from moderation.ground import errors
from moderation.ground.errors import FieldProblem, GavelError
from moderation.law.appeals import errors as appeal_errors
from service.desk.frame import refusals
from tests.service.desk.browsing import Browser

ID = "01890a5d-ac96-774b-bcce-b302099a8057"
FOR_PROGRAMS = re.compile(r"\bkey\b|request is|\bid '|API|'of this link|cannot become|\bversion \d", re.IGNORECASE)


@pytest.mark.parametrize(
    "error",
    [
        errors.NotFound("invitation", "of this link"),
        errors.NotFound("policy version", "7"),
        errors.NotFound("dead letter", ID),
        errors.NotAllowed("only leads can open this page"),
        errors.InvalidInput(FieldProblem("days", "must be 1 to 366, or empty")),
        errors.StaleVersion(ID, 2, 3, "rejected", "Ana"),
        errors.StalePolicy(2, 3),
        errors.FiguresChanged("Stricter"),
        errors.SelectionChanged(2, 1),
        errors.MoveNotAllowed(ID, "withdrawn", "published"),
        errors.PersonDecided(ID, "rejected", "Ana"),
        appeal_errors.AppealDecided(ID),
        errors.LoginThrottled(5, 60),
        errors.NameTaken("moderator", "ana@example.org"),
        errors.NotKept(),
        errors.StorageNotReady("the database is at 0012 and the code wants 0013"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_every_error_has_a_heading_and_a_sentence_for_moderators(error: GavelError) -> None:
    heading, detail = refusals.title_and_detail(error)

    assert heading != refusals.UNKNOWN
    assert detail
    assert ID not in heading + detail
    assert not FOR_PROGRAMS.search(f"{heading} {detail}")


@pytest.mark.parametrize("status", [HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED])
def test_the_frameworks_errors_do_too(status: HTTPStatus) -> None:
    heading, detail = refusals.of_status(status)

    assert heading not in (status.phrase, refusals.UNKNOWN)
    assert detail.endswith(".")


def test_an_address_that_takes_only_forms_says_so_on_a_page(ana: Browser) -> None:
    page = ana.get(f"/desk/comments/{ID}/skip")

    assert page.status in (404, 405)
    assert page.heading() in ("This address is not a page", "We can’t find that page")
