"""People from a login provider: who gets in, as whom, with which roles, and whose account nobody takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.environment.group_roles import GroupRole, parse_group_roles
from moderation.ground.errors import LoginThrottled, NotAuthenticated, NotFound
from moderation.sites import rows as sites
from moderation.sites.audit import rows as audit_entries
from moderation.sites.people import accounts, identities, identity_rows, moderators, provider_logins
from moderation.sites.people.identities import LoginRefusal, LoginRefused, ProvidedPerson
from moderation.sites.people.identity_rows import BegunLogin
from moderation.sites.people.roles import Role
from moderation.sites.rows import Moderator, Site
from tests.builders import NOON, OPERATOR

ISSUER = "https://login.example"
FAY = ProvidedPerson(ISSUER, "s-1", "fay@example.org", True, "Fay", frozenset({"newsroom"}))
RULES = parse_group_roles("newsroom=moderator@The Herald; chiefs=lead@The Herald; bosses=admin@*")
NO_RULES: tuple[GroupRole, ...] = ()


def an_account(database: Database, email: str, **roles: Role) -> Moderator:
    """With a role at each site by its id."""
    id = moderators.create_moderator(
        database, email=email, name="Somebody", password_hash="x", roles=roles, by=OPERATOR, now=NOON
    )
    with database.read() as conn:
        moderator = sites.find_moderator(conn, id=id)
    assert moderator is not None
    return moderator


def enter(database: Database, person: ProvidedPerson = FAY, rules: Sequence[GroupRole] = RULES) -> Moderator:
    return identities.enter(database, person, rules, now=NOON)


def refusal(database: Database, person: ProvidedPerson = FAY, rules: Sequence[GroupRole] = RULES) -> LoginRefusal:
    with pytest.raises(LoginRefused) as refused:
        enter(database, person, rules)
    return refused.value.refusal


def in_groups(*groups: str) -> ProvidedPerson:
    return replace(FAY, groups=frozenset(groups))


def trail(database: Database, site: Site) -> list[str]:
    with database.read() as conn:
        return [entry.action for entry in audit_entries.entries(conn, site.id, before=None, limit=50)]


def test_somebody_in_a_group_gets_an_account_and_the_groups_role(
    database: Database, site: Site, other_site: Site
) -> None:
    fay = enter(database)

    assert (fay.email, fay.name, dict(fay.roles)) == ("fay@example.org", "Fay", {site.id: "moderator"})
    assert enter(database).id == fay.id
    assert trail(database, site) == ["person.grouped", "account.provided"]
    assert trail(database, other_site) == []


def test_the_highest_group_counts_and_a_star_means_every_site(database: Database, site: Site, other_site: Site) -> None:
    fay = enter(database, in_groups("newsroom", "bosses", "chess"))

    assert dict(fay.roles) == {site.id: "admin", other_site.id: "admin"}


def test_groups_are_looked_at_in_each_login(database: Database, site: Site) -> None:
    an_account(database, "dora@example.org", **{site.id: Role.ADMIN})
    assert enter(database, in_groups("bosses")).roles[site.id] == "admin"

    assert enter(database, in_groups("chiefs")).roles[site.id] == "lead"
    assert enter(database, in_groups("newsroom")).roles[site.id] == "moderator"
    assert trail(database, site)[:2] == ["person.grouped", "person.grouped"]


def test_without_a_group_any_more_all_sessions_end_and_the_role_is_gone(database: Database, site: Site) -> None:
    fay = enter(database)
    session = accounts.open_session(database, fay, now=NOON)

    assert refusal(database, in_groups("chess")) is LoginRefusal.NO_GROUP

    with pytest.raises(NotAuthenticated):
        accounts.who_is(database, session.token, now=NOON)
    with database.read() as conn:
        left = sites.find_moderator(conn, id=fay.id)
    assert left is not None and dict(left.roles) == {}
    assert {"session.no_group", "person.grouped"} <= set(trail(database, site))
    assert dict(enter(database).roles) == {site.id: "moderator"}


def test_a_stranger_without_a_group_leaves_no_trace(database: Database, site: Site) -> None:
    assert refusal(database, in_groups()) is LoginRefusal.NO_GROUP

    with pytest.raises(NotFound):
        moderators.disable(database, FAY.email, by=OPERATOR, now=NOON)


def test_the_last_admin_of_a_site_stays_one_and_others_do_not(database: Database, site: Site, other_site: Site) -> None:
    fay = enter(database, in_groups("bosses"))
    an_account(database, "dora@example.org", **{other_site.id: Role.ADMIN})

    roles = enter(database, in_groups("newsroom")).roles

    assert dict(roles) == {site.id: "admin"}
    assert "person.kept" in trail(database, site)

    assert refusal(database, in_groups()) is LoginRefusal.NO_GROUP
    with database.read() as conn:
        kept = sites.find_moderator(conn, id=fay.id)
    assert kept is not None and dict(kept.roles) == {site.id: "admin"}


def test_a_closed_admin_is_no_other_admin(database: Database, site: Site) -> None:
    an_account(database, "dora@example.org", **{site.id: Role.ADMIN})
    moderators.disable(database, "dora@example.org", by=OPERATOR, now=NOON)
    enter(database, in_groups("bosses"))

    assert enter(database, in_groups("newsroom")).roles[site.id] == "admin"


def test_a_site_that_no_rule_names_keeps_the_roles_that_admins_gave(
    database: Database, site: Site, other_site: Site
) -> None:
    rules = parse_group_roles("newsroom=moderator@The Herald")
    enter(database, rules=rules)
    moderators.give_role(database, FAY.email, other_site.id, Role.LEAD, by=OPERATOR, now=NOON)
    moderators.give_role(database, FAY.email, site.id, Role.LEAD, by=OPERATOR, now=NOON)

    assert dict(enter(database, rules=rules).roles) == {site.id: "moderator", other_site.id: "lead"}


def test_an_account_with_the_same_address_is_not_taken(database: Database, site: Site) -> None:
    ana = an_account(database, FAY.email, **{site.id: Role.ADMIN})

    assert refusal(database) is LoginRefusal.KNOWN_EMAIL
    assert refusal(database, replace(FAY, has_verified_email=False)) is LoginRefusal.KNOWN_EMAIL
    assert refusal(database, replace(FAY, email="FAY@example.org".lower())) is LoginRefusal.KNOWN_EMAIL
    assert identities.identity_of(database, ana, ISSUER) is None


def test_an_invitation_connects_a_verified_address_and_no_other(
    database: Database, site: Site, other_site: Site
) -> None:
    dora = an_account(database, "dora@example.org", **{other_site.id: Role.ADMIN})
    ana = an_account(database, FAY.email, **{site.id: Role.MODERATOR})
    token = moderators.invite(database, dora, other_site.id, FAY.email, Role.LEAD, now=NOON)

    unverified = replace(FAY, has_verified_email=False)
    assert refusal(database, unverified, NO_RULES) is LoginRefusal.UNVERIFIED_EMAIL
    assert refusal(database, unverified) is LoginRefusal.UNVERIFIED_EMAIL
    assert identities.identity_of(database, ana, ISSUER) is None

    entered = enter(database, rules=NO_RULES)

    assert entered.id == ana.id
    assert dict(entered.roles) == {site.id: "moderator", other_site.id: "lead"}
    assert {"account.connected", "person.joined"} <= set(trail(database, other_site))
    with pytest.raises(NotFound):
        moderators.invitation(database, token, now=NOON)


def test_without_groups_only_the_invited_get_an_account(database: Database, site: Site) -> None:
    assert refusal(database, rules=NO_RULES) is LoginRefusal.NOT_INVITED
    dora = an_account(database, "dora@example.org", **{site.id: Role.ADMIN})
    moderators.invite(database, dora, site.id, FAY.email, Role.LEAD, now=NOON)
    over = NOON + timedelta(days=8)
    with pytest.raises(LoginRefused):
        identities.enter(database, FAY, NO_RULES, now=over)
    assert refusal(database, replace(FAY, has_verified_email=False), NO_RULES) is LoginRefusal.UNVERIFIED_EMAIL

    assert dict(enter(database, rules=NO_RULES).roles) == {site.id: "lead"}


def test_an_unverified_address_in_a_group_uses_no_invitation(database: Database, site: Site, other_site: Site) -> None:
    dora = an_account(database, "dora@example.org", **{other_site.id: Role.ADMIN})
    moderators.invite(database, dora, other_site.id, FAY.email, Role.ADMIN, now=NOON)

    fay = enter(database, replace(FAY, has_verified_email=False))

    assert dict(fay.roles) == {site.id: "moderator"}


def test_a_new_person_with_the_address_of_a_former_one_does_not_get_the_account(database: Database, site: Site) -> None:
    dora = an_account(database, "dora@example.org", **{site.id: Role.ADMIN})
    enter(database)
    moderators.invite(database, dora, site.id, FAY.email, Role.LEAD, now=NOON)

    assert refusal(database, replace(FAY, subject="s-2")) is LoginRefusal.OTHER_PERSON


def test_a_changed_address_stays_the_same_person(database: Database, site: Site) -> None:
    fay = enter(database)

    again = enter(database, replace(FAY, email="fay.married@example.org"))

    assert (again.id, again.email) == (fay.id, "fay@example.org")


def test_a_closed_account_stays_closed(database: Database, site: Site) -> None:
    enter(database)
    moderators.disable(database, FAY.email, by=OPERATOR, now=NOON)

    assert refusal(database) is LoginRefusal.CLOSED
    assert refusal(database, replace(FAY, subject="s-2")) is LoginRefusal.CLOSED


@pytest.mark.parametrize("email", ["", "fay", "a@b@c", "x" * 250 + "@a.example", "fay @a.example", "fay@a\n.example"])
def test_an_account_needs_an_address(database: Database, site: Site, email: str) -> None:
    assert refusal(database, replace(FAY, email=email)) is LoginRefusal.NO_EMAIL


@pytest.mark.parametrize(("name", "shown"), [("", "fay"), ("\n", "fay"), ("F" * 200, "F" * 100), ("A\u202eb", "Ab")])
def test_a_name_that_cannot_be_shown_is_mended(database: Database, site: Site, name: str, shown: str) -> None:
    assert enter(database, replace(FAY, name=name)).name == shown


def test_nobody_logs_in_to_such_an_account_with_a_password(database: Database, site: Site) -> None:
    enter(database)
    asked: list[str | None] = []

    def verify(password_hash: str | None, password: str) -> bool:
        asked.append(password_hash)
        return password_hash is not None and password_hash == password

    with pytest.raises(NotAuthenticated):
        accounts.log_in(database, email=FAY.email, password="", address="::1", verify=verify, now=NOON)

    assert asked == [None]


def test_an_owner_connects_an_account_once_and_to_nobody_elses_login(database: Database, site: Site) -> None:
    ana = an_account(database, "ana@example.org", **{site.id: Role.MODERATOR})
    ben = an_account(database, "ben@example.org", **{site.id: Role.MODERATOR})
    identities.connect(database, ana, FAY, now=NOON)
    identities.connect(database, ana, FAY, now=NOON)

    with pytest.raises(LoginRefused) as taken:
        identities.connect(database, ben, FAY, now=NOON)
    with pytest.raises(LoginRefused) as other:
        identities.connect(database, ana, replace(FAY, subject="s-2"), now=NOON)

    assert (taken.value.refusal, other.value.refusal) == (LoginRefusal.TAKEN, LoginRefusal.OTHER_PERSON)
    assert enter(database).id == ana.id
    assert trail(database, site).count("account.connected") == 1


def test_an_operator_connects_anew_and_ends_it(database: Database, site: Site) -> None:
    ana = an_account(database, "ana@example.org", **{site.id: Role.MODERATOR})
    an_account(database, "ben@example.org")
    identities.connect(database, ana, FAY, now=NOON)

    identities.connect_by_operator(database, ana.email, ISSUER, "s-9", by=OPERATOR, now=NOON)
    with pytest.raises(LoginRefused):
        identities.connect_by_operator(database, "ben@example.org", ISSUER, "s-9", by=OPERATOR, now=NOON)
    with pytest.raises(NotFound):
        identities.connect_by_operator(database, "nobody@example.org", ISSUER, "s-8", by=OPERATOR, now=NOON)

    assert enter(database, replace(FAY, subject="s-9")).id == ana.id
    session = accounts.open_session(database, ana, now=NOON)
    assert identities.disconnect_by_operator(database, ana.email, ISSUER, by=OPERATOR, now=NOON)
    assert not identities.disconnect_by_operator(database, ana.email, ISSUER, by=OPERATOR, now=NOON)
    with pytest.raises(NotAuthenticated):
        accounts.who_is(database, session.token, now=NOON)
    assert trail(database, site)[:2] == ["account.unlinked", "session.started"]


def test_a_person_who_comes_twice_at_once_has_one_account(database: Database, site: Site) -> None:
    together, ids = Barrier(4), list[str]()

    def come() -> None:
        together.wait()
        ids.append(enter(database).id)

    threads = [Thread(target=come) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(ids) == 4 and len(set(ids)) == 1


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_person_who_comes_in_between_two_looks_has_one_account(
    database: Database, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite lets one write at a time, so that nobody comes in between there."""
    first, look = list[str](), identity_rows.account

    def late(conn: Connection, email: str) -> Any:
        if not first:
            first.append("")
            first[0] = enter(database).id
        return look(conn, email)

    monkeypatch.setattr(identity_rows, "account", late)

    assert enter(database).id == first[0]


def test_two_admins_who_lose_their_groups_at_once_leave_one(database: Database, site: Site, other_site: Site) -> None:
    people = [replace(in_groups("bosses"), subject=f"s-{n}", email=f"p{n}@example.org") for n in range(2)]
    for person in people:
        enter(database, person)
    together, roles = Barrier(2), list[str]()

    def leave(person: ProvidedPerson) -> None:
        together.wait()
        roles.append(enter(database, replace(person, groups=frozenset({"newsroom"}))).roles[site.id])

    threads = [Thread(target=leave, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(roles) == ["admin", "moderator"]


class TestBegun:
    BEGUN = BegunLogin("nonce", "verifier", "/desk/review", None)

    def begin(self, database: Database, state: str = "state", browser: str = "browser") -> None:
        provider_logins.begin(database, self.BEGUN, state=state, browser=browser, address="192.0.2.1", now=NOON)

    def test_a_login_comes_back_once_to_its_own_browser(self, database: Database) -> None:
        self.begin(database)

        assert provider_logins.take(database, state="state", browser="another", now=NOON) is None
        assert provider_logins.take(database, state="another", browser="browser", now=NOON) is None
        assert provider_logins.take(database, state="state", browser="browser", now=NOON) == self.BEGUN
        assert provider_logins.take(database, state="state", browser="browser", now=NOON) is None

    def test_a_login_is_over_after_ten_minutes(self, database: Database) -> None:
        self.begin(database)
        self.begin(database, "second")
        late = NOON + timedelta(minutes=provider_logins.MINUTES)

        before = late - timedelta(seconds=1)
        assert provider_logins.take(database, state="state", browser="browser", now=before) is not None
        assert provider_logins.take(database, state="second", browser="browser", now=late) is None

    def test_one_address_cannot_fill_the_table(self, database: Database) -> None:
        for number in range(provider_logins.OPEN_PER_ADDRESS):
            self.begin(database, str(number))
        with pytest.raises(LoginThrottled):
            self.begin(database, "one more")

        provider_logins.begin(database, self.BEGUN, state="elsewhere", browser="b", address="198.51.100.7", now=NOON)
        provider_logins.begin(
            database, self.BEGUN, state="s", browser="b", address="192.0.2.1", now=NOON + timedelta(minutes=11)
        )


@pytest.mark.parametrize(
    ("raw", "parsed"),
    [
        ("newsroom=lead@The Herald", [("newsroom", "lead", "The Herald")]),
        ("/a/b = moderator @ * ;\n; x=admin@Y", [("/a/b", "moderator", "*"), ("x", "admin", "Y")]),
        ("cn=desk,dc=news@home=lead@A=admin@B", [("cn=desk,dc=news@home", "lead", "A=admin@B")]),
        ("", []),
    ],
)
def test_roles_by_group_are_read(raw: str, parsed: list[tuple[str, str, str]]) -> None:
    assert [(rule.group, rule.role, rule.site) for rule in parse_group_roles(raw)] == parsed


@pytest.mark.parametrize(
    "raw", ["newsroom", "newsroom=editor@A", "=lead@A", "newsroom=lead", "newsroom=lead@", "a=lead@b;c"]
)
def test_other_texts_are_no_roles_by_group(raw: str) -> None:
    with pytest.raises(ValueError, match="must be parts such as"):
        parse_group_roles(raw)


def test_the_roles_of_the_setting_are_those_of_the_sites() -> None:
    for role in Role:
        (rule,) = parse_group_roles(f"g={role}@S")
        assert rule.role == role and str(rule) == f"g={role}@S"
