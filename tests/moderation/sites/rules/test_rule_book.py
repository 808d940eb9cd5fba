"""The rule book: rules with cases, a new version and an audit entry for each change, refusals that name their field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from moderation.ground.database.engine import Database, new_id
from moderation.ground.errors import InvalidInput, NotFound
from moderation.operations.operating.deleting import erasing
from moderation.sites import rows as sites
from moderation.sites.audit.rows import EntryFilter, entries
from moderation.sites.rows import Site
from moderation.sites.rules import rows, writing
from moderation.sites.rules.errors import StaleRule
from moderation.sites.rules.problems import MOST_CASES, MOST_RULES
from moderation.sites.rules.tables import house_rules, rule_books, rule_cases
from moderation.sites.rules.values import FEWEST_CASES, CaseOrigin, HouseRule, Must, RuleBook, RuleCase
from tests.builders import NOON, OPERATOR
from tests.moderation.conftest import Newsroom


def a_rule(key: str = "insults", **overrides: Any) -> HouseRule:
    fields = {"name": "No insults", "sentence": "Argue with what people say, not with who they are."}
    return HouseRule(**{"key": key, **fields, "guidance": "Public figures bear more.", **overrides})


def a_case(text: str = "You pathetic little man.", must: Must = Must.HELD, **overrides: Any) -> RuleCase:
    return RuleCase(**{"id": new_id(), "text": text, "must": must, "added_at": NOON, "added_by": "Lea", **overrides})


def put(db: Database, site: Site, rule: HouseRule, **overrides: Any) -> RuleBook:
    return writing.put_rule(db, site.id, rule, **{"by": OPERATOR, "now": NOON, **overrides})


def add(db: Database, site: Site, case: RuleCase, key: str = "insults") -> RuleBook:
    return writing.add_case(db, site.id, key, case, by=OPERATOR, now=NOON)


def problems_of(refused: pytest.ExceptionInfo[InvalidInput]) -> set[str]:
    return {problem.field for problem in refused.value.problems}


def test_a_site_that_has_written_none_has_an_empty_book(database: Database, site: Site) -> None:
    book = writing.rule_book(database, site.id)

    assert (book.version, book.rules, book.ready) == (0, (), ())
    assert len(book.digest) == 64


def test_each_change_is_a_version_and_the_earlier_ones_stay_as_they_were(database: Database, site: Site) -> None:
    put(database, site, a_rule(reason="Insult or abuse"))
    case = a_case(why="The mildest that we hold.", title="Harbour")
    add(database, site, case)
    put(database, site, a_rule(name="No abuse", reason="Insult or abuse"))
    newest = writing.remove_case(database, site.id, case.id, by=OPERATOR, now=NOON)

    books = [writing.rule_book(database, site.id, version) for version in range(5)]
    assert [book.version for book in books] == [0, 1, 2, 3, 4]
    assert [[(r.name, r.reason, r.cases, r.since) for r in book.rules] for book in books] == [
        [],
        [("No insults", "Insult or abuse", (), 1)],
        [("No insults", "Insult or abuse", (case,), 1)],
        [("No abuse", "Insult or abuse", (case,), 3)],
        [("No abuse", "Insult or abuse", (), 3)],
    ]
    assert newest == books[4]
    assert len({book.digest for book in books}) == 5
    with database.read() as conn:
        assert [v.digest for v in rows.versions(conn, site.id, limit=9)] == [b.digest for b in reversed(books[1:])]
        assert conn.execute(sa.select(sa.func.count()).select_from(rule_cases)).scalar() == 1
        trail = entries(conn, site.id, before=None, limit=9, choice=EntryFilter(actions=("rules.saved",)))
    assert [entry.subject for entry in trail] == [f"version {number}" for number in (4, 3, 2, 1)]
    assert [{**(entry.after or {})}.keys() - {"version", "digest"} for entry in trail] == [
        {"cases_removed"}, {"rules_changed"}, {"cases_added"}, {"rules_added", "order"},
    ]  # fmt: skip
    assert "pathetic" not in str(trail)


def test_a_change_that_changes_nothing_makes_no_version(database: Database, site: Site) -> None:
    put(database, site, a_rule())
    add(database, site, a_case())

    again = put(database, site, a_rule())

    assert again.version == 2
    assert len(again.rules[0].cases) == 1


def test_two_books_that_say_the_same_have_one_digest(database: Database, site: Site, other_site: Site) -> None:
    ours = [put(database, place, a_rule()) for place in (site, other_site)]
    theirs = [add(database, place, a_case()) for place in (site, other_site)]
    back = writing.remove_case(database, site.id, theirs[0].rules[0].cases[0].id, by=OPERATOR, now=NOON)

    assert ours[0].digest == ours[1].digest == back.digest
    assert theirs[0].digest == theirs[1].digest != ours[0].digest


def test_rules_keep_the_order_that_a_lead_gives_them(database: Database, site: Site) -> None:
    for key in ("insults", "spam", "off-topic"):
        put(database, site, a_rule(key, name=key))

    ordered = writing.order_rules(database, site.id, ["spam", "off-topic", "insults"], by=OPERATOR, now=NOON)
    removed = writing.remove_rule(database, site.id, "off-topic", by=OPERATOR, now=NOON)

    assert [rule.key for rule in ordered.rules] == ["spam", "off-topic", "insults"]
    assert [rule.key for rule in removed.rules] == ["spam", "insults"]
    assert [rule.key for rule in writing.rule_book(database, site.id, ordered.version).rules] == [
        "spam", "off-topic", "insults",
    ]  # fmt: skip
    with pytest.raises(InvalidInput):
        writing.order_rules(database, site.id, ["spam"], by=OPERATOR, now=NOON)


@pytest.mark.parametrize("must", Must)
def test_a_rule_is_ready_with_three_cases_of_each_kind(database: Database, site: Site, must: Must) -> None:
    put(database, site, a_rule())
    other = Must.PASS if must is Must.HELD else Must.HELD
    for number in range(FEWEST_CASES):
        add(database, site, a_case(f"{number}", other))
    for number in range(FEWEST_CASES - 1):
        add(database, site, a_case(f"of the other kind, {number}", must))

    almost = writing.rule_book(database, site.id)
    ready = add(database, site, a_case("The last one", must))

    assert almost.ready == ()
    assert [rule.key for rule in ready.ready] == ["insults"]


def test_a_lead_who_read_an_older_version_of_the_rule_does_not_overwrite_it(database: Database, site: Site) -> None:
    put(database, site, a_rule())
    put(database, site, a_rule("spam", name="No spam"))
    read = add(database, site, a_case()).version
    put(database, site, a_rule("spam", name="No advertising"))
    add(database, site, a_case("Another one"))

    put(database, site, a_rule(name="No abuse"), expected=read)  # nobody else touched this one
    with pytest.raises(StaleRule) as refused:
        put(database, site, a_rule("spam", name="No commerce"), expected=read)

    assert (refused.value.key, refused.value.current) == ("spam", 4)
    assert [rule.name for rule in writing.rule_book(database, site.id).rules] == ["No abuse", "No advertising"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"key": "No Insults"}, "key"),
        ({"key": "a" * 41}, "key"),
        ({"name": ""}, "name"),
        ({"name": "a" * 81}, "name"),
        ({"name": "No\ninsults"}, "name"),
        ({"sentence": ""}, "sentence"),
        ({"sentence": "a" * 401}, "sentence"),
        ({"sentence": "a\x00b"}, "sentence"),
        ({"sentence": " Be kind."}, "sentence"),
        ({"guidance": "a" * 20_001}, "guidance"),
        ({"guidance": "a\u2028b"}, "guidance"),
        ({"reason": "No such reason"}, "reason"),
    ],
)
def test_the_words_of_a_rule_are_refused_by_their_field(
    database: Database, site: Site, wrong: dict[str, Any], field: str
) -> None:
    rule = a_rule(**wrong)

    with pytest.raises(InvalidInput) as refused:
        put(database, site, rule)

    assert problems_of(refused) == {f"rules.{rule.key}.{field}"}
    assert writing.rule_book(database, site.id).version == 0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "a" * 5_001}, "text"),
        ({"text": "a\x07b"}, "text"),
        ({"title": "a" * 301}, "title"),
        ({"why": "a" * 501}, "why"),
        ({"text": "The first one", "must": Must.PASS}, "text"),
        ({"text": "The first one"}, "text"),
    ],
)
def test_a_case_is_refused_by_its_field(database: Database, site: Site, wrong: dict[str, Any], field: str) -> None:
    put(database, site, a_rule())
    add(database, site, a_case("The first one"))

    with pytest.raises(InvalidInput) as refused:
        add(database, site, a_case(**wrong))

    assert problems_of(refused) == {f"rules.insults.cases.1.{field}"}
    assert writing.rule_book(database, site.id).version == 2


def test_a_book_has_bounds_and_no_two_rules_of_one_name(database: Database, site: Site) -> None:
    many = tuple(a_rule(f"rule-{number}", name=f"Rule {number}") for number in range(MOST_RULES))
    cases = tuple(a_case(f"{number}") for number in range(MOST_CASES))
    full = writing.change(
        database, site.id, lambda b: b.with_rules((replace(many[0], cases=cases), *many[1:])), by=OPERATOR, now=NOON
    )

    refused = []
    edits: tuple[Callable[[], RuleBook], ...] = (
        lambda: put(database, site, a_rule("one-more", name="One more")),
        lambda: add(database, site, a_case("One more"), "rule-0"),
        lambda: put(database, site, a_rule("rule-1", name="RULE 0")),
    )
    for edit in edits:
        with pytest.raises(InvalidInput) as error:
            edit()
        refused.append(problems_of(error))

    assert refused == [{"rules"}, {"rules.rule-0.cases"}, {"rules.rule-0.name", "rules.rule-1.name"}]
    assert writing.rule_book(database, site.id) == full


def test_a_rule_keeps_a_reason_that_its_site_gave_up_until_somebody_changes_its_words(
    database: Database, site: Site
) -> None:
    put(database, site, a_rule(reason="Other"))
    with database.write() as conn:
        settings = site.settings.model_copy(update={"rejection_reasons": ("Insult or abuse",)})
        sites.update_site_settings(conn, site.id, settings)

    add(database, site, a_case())
    with pytest.raises(InvalidInput) as refused:
        put(database, site, a_rule(reason="Other", name="No abuse"))

    assert problems_of(refused) == {"rules.insults.reason"}


@pytest.mark.parametrize(
    "edit",
    [
        lambda db, site: add(db, site, a_case(), "nothing"),
        lambda db, site: writing.remove_rule(db, site.id, "nothing", by=OPERATOR, now=NOON),
        lambda db, site: writing.remove_case(db, site.id, new_id(), by=OPERATOR, now=NOON),
        lambda db, site: writing.rule_book(db, site.id, 2),
        lambda db, site: writing.rule_book(db, site.id, -1),
    ],
)
def test_the_book_of_one_site_is_not_found_from_another(
    database: Database, site: Site, other_site: Site, edit: Any
) -> None:
    put(database, other_site, a_rule("nothing"))
    put(database, site, a_rule())

    with pytest.raises(NotFound):
        edit(database, site)


def test_keys_come_from_names_and_differ() -> None:
    keys: list[str] = []
    for name in ("No insults", "No insults!", "Bleiben Sie höflich: keine Spaße", "禁止", "x" * 100):
        keys.append(writing.key_for(name, keys))

    assert keys == ["no-insults", "no-insults-2", "bleiben-sie-hoflich-keine-spasse", "rule", "x" * 37]


def test_an_erased_reader_leaves_every_version_of_the_book(newsroom: Newsroom) -> None:
    db, site = newsroom.database, newsroom.site
    theirs, others = (newsroom.post(id=f"c-{who}", author_id=who).comment for who in ("u-1", "u-2"))
    put(db, site, a_rule())
    for comment in (theirs, others):
        add(db, site, a_case(f"by {comment.author_id}", origin=CaseOrigin.COMMENT, comment_id=comment.id))
    add(db, site, a_case("by nobody"))
    old = writing.remove_case(db, site.id, writing.rule_book(db, site.id).rules[0].cases[2].id, by=OPERATOR, now=NOON)

    erasing.erase(db, site.id, "u-1", by=OPERATOR, now=NOON)

    newest = writing.rule_book(db, site.id)
    assert newest.version == old.version + 1
    assert newest.digest != old.digest
    for version in range(newest.version + 1):
        cases = [c.comment_id for r in writing.rule_book(db, site.id, version).rules for c in r.cases]
        assert theirs.id not in cases
    assert [case.comment_id for case in newest.rules[0].cases] == [others.id]


def test_erasing_a_reader_without_cases_makes_no_version(newsroom: Newsroom) -> None:
    newsroom.post()
    put(newsroom.database, newsroom.site, a_rule())

    erasing.erase(newsroom.database, newsroom.site.id, "u-1", by=OPERATOR, now=NOON)

    assert writing.rule_book(newsroom.database, newsroom.site.id).version == 1


def test_the_tables_hold_one_row_for_each_change_of_a_rule(database: Database, site: Site) -> None:
    for number in range(4):
        put(database, site, a_rule(sentence=f"Sentence {number}."))
        add(database, site, a_case(f"{number}"))

    with database.read() as conn:
        counts = [conn.execute(sa.select(sa.func.count()).select_from(table)).scalar() for table in (
            rule_books, house_rules, rule_cases,
        )]  # fmt: skip
    assert counts == [8, 4, 4]
