from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import segno
import sqlalchemy as sa

from moderation.ground.errors import NotFound
from moderation.sites.audit import rows as audit_entries
from moderation.sites.people import moderators, totp
from moderation.sites.people.tables import recovery_codes
from tests.service.desk.browsing import Browser, Page
from tests.service.desk.cast import PASSWORD, Cast

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def dora(browser: Callable[[], Browser]) -> Browser:
    return browser().log_in("Dora")


def invited(cast: Cast, admin: Browser, email: str = "eve@example.org", role: str = "moderator") -> str:
    page = admin.get("/desk/people", site=cast.herald.id).press("Create a link", email=email, role=role)
    (code,) = page.html.select(".notice code")
    return code.get_text().removeprefix("http://localhost")


def actions(cast: Cast) -> list[tuple[str, str | None]]:
    with cast.database.read() as conn:
        return [(e.action, e.actor_name) for e in audit_entries.entries(conn, cast.herald.id, before=None, limit=20)]


def test_an_invited_person_makes_an_account_and_starts(
    cast: Cast, dora: Browser, browser: Callable[[], Browser]
) -> None:
    cast.flagged()
    link = invited(cast, dora)

    page = browser().get(link).press("Create my account", name="Eve", password="another long passphrase")

    assert page.heading().startswith("Dana")
    assert actions(cast)[1:3] == [("person.joined", "Eve"), ("person.invited", "Dora")]
    assert ("session.started", "Eve") in actions(cast)


def test_a_link_works_once(cast: Cast, dora: Browser, browser: Callable[[], Browser]) -> None:
    link = invited(cast, dora)
    browser().get(link).press("Create my account", name="Eve", password="another long passphrase")

    assert browser().get(link).status == 404


def test_a_link_ends_after_a_week(cast: Cast, dora: Browser) -> None:
    token = invited(cast, dora).rpartition("/")[2]

    moderators.invitation(cast.database, token, now=cast.now + timedelta(days=6))
    with pytest.raises(NotFound):
        moderators.invitation(cast.database, token, now=cast.now + timedelta(days=8))


def test_a_withdrawn_invitation_is_over(cast: Cast, dora: Browser, browser: Callable[[], Browser]) -> None:
    link = invited(cast, dora)

    dora.get("/desk/people", site=cast.herald.id).press("Withdraw the invitation of eve@example.org")

    assert browser().get(link).status == 404
    with cast.database.read() as conn:
        noted = audit_entries.entries(conn, cast.herald.id, before=None, limit=1)[0]
    assert (noted.action, noted.actor_name, noted.subject) == ("invitation.withdrawn", "Dora", "eve@example.org")
    assert (noted.before, noted.after) == ({"role": "moderator"}, None)


def test_an_invitation_is_withdrawn_once(cast: Cast, dora: Browser) -> None:
    invited(cast, dora)
    page = dora.get("/desk/people", site=cast.herald.id)
    page.press("Withdraw the invitation of eve@example.org")

    again = page.press("Withdraw the invitation of eve@example.org")

    assert again.status == 404
    assert [action for action, _ in actions(cast)].count("invitation.withdrawn") == 1


def test_somebody_with_an_account_joins_by_logging_in(cast: Cast, dora: Browser, carla: Browser, ana: Browser) -> None:
    link = invited(cast, dora, email="carla@example.org")

    assert ana.post(link, {}).status == 403
    carla.get(link).press("Join The Herald")

    assert set(cast.moderator("Carla").roles) == {cast.herald.id, cast.courier.id}


@pytest.mark.parametrize("who", ["Ana", "Ben"])
def test_only_an_admin_invites_and_changes_roles(cast: Cast, browser: Callable[[], Browser], who: str) -> None:
    somebody = browser().log_in(who)

    assert somebody.get("/desk/people").status == 403
    assert somebody.post("/desk/people/invite", {"email": "eve@example.org", "role": "admin"}).status == 403
    changed = somebody.post(f"/desk/people/{cast.ids['Carla']}/role", {"site": cast.herald.id, "role": "admin"})
    assert changed.status == 403


def test_a_role_is_changed_and_noted_from_what_to_what(cast: Cast, dora: Browser) -> None:
    dora.get("/desk/people", site=cast.herald.id).press("Save the role of Ana", role="lead")

    assert cast.moderator("Ana").roles[cast.herald.id] == "lead"
    with cast.database.read() as conn:
        (noted,) = [
            e for e in audit_entries.entries(conn, cast.herald.id, before=None, limit=5) if e.action == "person.role"
        ]
    assert (noted.before, noted.after) == ({"role": "moderator"}, {"role": "lead"})


def test_whoever_is_taken_off_a_site_sees_nothing_of_it_at_once(cast: Cast, dora: Browser, ana: Browser) -> None:
    comment = cast.flagged()

    dora.get("/desk/people", site=cast.herald.id).press("Save the role of Ana", role="none")

    assert ana.get(f"/desk/review/{comment.id}").status == 404


def test_nobody_changes_their_own_role(cast: Cast, dora: Browser) -> None:
    page = dora.post(f"/desk/people/{cast.ids['Dora']}/role", {"site": cast.herald.id, "role": "moderator"})

    assert page.status == 403


def test_a_new_password_ends_every_other_session(cast: Cast, ana: Browser, browser: Callable[[], Browser]) -> None:
    elsewhere = browser().log_in("Ana")

    ana.get("/desk/account").press("Change password", old=PASSWORD, new="an even longer passphrase")

    assert elsewhere.get("/desk/review").heading() == "Gavel"
    assert ana.get("/desk/account").heading() == "Your account"


def test_the_old_password_is_needed(ana: Browser) -> None:
    assert ana.get("/desk/account").press("Change password", old="wrong", new="x" * 20).status == 422


def test_a_second_factor_is_asked_for_and_a_code_works_once(
    cast: Cast, ana: Browser, browser: Callable[[], Browser]
) -> None:
    page = ana.get("/desk/account")
    secret = str(page.html.find("input", attrs={"name": "secret"})["value"])  # type: ignore[index]
    step = int(datetime.now(UTC).timestamp()) // totp.STEP_S
    page.press("Turn it on", code=totp.code_at(secret, step), password=PASSWORD)
    form = browser().get("/desk/login")
    fields = {"email": "ana@example.org", "password": PASSWORD}

    assert form.press("Log in", **fields).status == 401
    assert form.press("Log in", **fields, code=totp.code_at(secret, step)).status == 401
    assert form.press("Log in", **fields, code=totp.code_at(secret, step + 1)).heading() == "Nothing is waiting"


def turn_on_second_factor(browser: Browser) -> tuple[Page, str]:
    """The page with the recovery codes, and the key."""
    page = browser.get("/desk/account")
    secret = page.field_named("secret")
    step = int(datetime.now(UTC).timestamp()) // totp.STEP_S
    return page.press("Turn it on", code=totp.code_at(secret, step), password=PASSWORD), secret


@pytest.mark.parametrize("wrong", [{"code": "000000"}, {"password": "not this one"}])
def test_a_mistake_keeps_the_key_that_was_scanned(cast: Cast, ana: Browser, wrong: dict[str, str]) -> None:
    page = ana.get("/desk/account")
    secret = page.field_named("secret")
    code = totp.code_at(secret, int(datetime.now(UTC).timestamp()) // totp.STEP_S)

    again = page.press("Turn it on", **{"code": code, "password": PASSWORD, **wrong})

    assert (again.status, again.field_named("secret")) == (422, secret)
    assert "wrong" in again.text or "not the code for the key" in again.text
    assert cast.moderator("Ana").totp_secret is None
    again.press("Turn it on", code=code, password=PASSWORD)
    assert cast.moderator("Ana").totp_secret == secret


def test_a_recovery_code_lets_in_once_without_the_app(cast: Cast, ana: Browser, browser: Callable[[], Browser]) -> None:
    page, _secret = turn_on_second_factor(ana)
    codes = [code.get_text() for code in page.html.select(".codes code")]
    assert len(set(codes)) == 10
    form, fields = browser().get("/desk/login"), {"email": "ana@example.org", "password": PASSWORD}

    typed = codes[3].upper().replace("-", " ")
    assert form.press("Log in", **fields, code=typed).heading() == "Nothing is waiting"
    assert form.press("Log in", **fields, code=typed).status == 401
    assert "one of your 9 recovery codes" in ana.get("/desk/account").text
    assert not ana.get("/desk/account").html.select(".codes")
    with cast.database.read() as conn:
        noted = audit_entries.entries(conn, cast.herald.id, before=None, limit=20)
        stored = set(conn.execute(sa.select(recovery_codes.c.digest)).scalars())
    assert "recovery_code.used" in {entry.action for entry in noted}
    assert not stored & set(codes)


def test_a_recovery_code_of_somebody_else_lets_nobody_in(
    cast: Cast, ana: Browser, ben: Browser, browser: Callable[[], Browser]
) -> None:
    page, _secret = turn_on_second_factor(ana)
    turn_on_second_factor(ben)
    code = page.html.select(".codes code")[0].get_text()

    form = browser().get("/desk/login")

    assert form.press("Log in", email="ben@example.org", password=PASSWORD, code=code).status == 401


def test_new_recovery_codes_replace_the_old_ones_and_need_the_password(
    ana: Browser, browser: Callable[[], Browser]
) -> None:
    page, _secret = turn_on_second_factor(ana)
    old = page.html.select(".codes code")[0].get_text()
    assert ana.get("/desk/account").press("Make new recovery codes", password="wrong").status == 422

    new = ana.get("/desk/account").press("Make new recovery codes", password=PASSWORD)

    form, fields = browser().get("/desk/login"), {"email": "ana@example.org", "password": PASSWORD}
    assert form.press("Log in", **fields, code=old).status == 401
    fresh = new.html.select(".codes code")[0].get_text()
    assert form.press("Log in", **fields, code=fresh).heading() == "Nothing is waiting"


def test_no_recovery_code_outlives_the_second_factor(cast: Cast, ana: Browser) -> None:
    turn_on_second_factor(ana)

    ana.get("/desk/account").press("Turn it off", password=PASSWORD)

    with cast.database.read() as conn:
        assert conn.execute(sa.select(recovery_codes)).all() == []
    assert ana.post("/desk/account/recovery-codes", {"password": PASSWORD}).status == 403


def test_the_key_of_a_second_factor_can_be_scanned(ana: Browser) -> None:
    page = ana.get("/desk/account")
    secret = str(page.html.find("input", attrs={"name": "secret"})["value"])  # type: ignore[index]

    (svg,) = page.html.select("[role=img][aria-label='QR code of the key'] svg")

    expected = segno.make_qr(totp.address(secret, "ana@example.org"), error="m")
    assert modules(str(svg.select("path")[1]["d"])) == sum(sum(row) for row in expected.matrix)
    assert not svg.select("[style], style, script, image")
    assert secret in page.text


def modules(path: str) -> int:
    """How many squares the strokes of the drawing cover."""
    return sum(int(length) for length in re.findall(r"h(\d+)", path))
