"""An import shows what it would change, and is saved only on the version on which that was seen."""

from __future__ import annotations

import json

import pytest

from moderation.ground.database.engine import Database, new_id
from moderation.ground.errors import InvalidInput
from moderation.sites.rows import Site
from moderation.sites.rules import forms, importing, markdown, writing
from moderation.sites.rules.importing import RuleFile
from moderation.sites.rules.values import CaseOrigin, HouseRule, Must, RuleBook, RuleCase
from tests.builders import NOON, OPERATOR


def write(db: Database, site: Site) -> RuleBook:
    rule = HouseRule("insults", "No insults", "Be kind.", "More.", "Other")
    writing.put_rule(db, site.id, rule, by=OPERATOR, now=NOON)
    writing.put_rule(db, site.id, HouseRule("ads", "No ads", "No ads."), by=OPERATOR, now=NOON)
    for number in range(4):
        must = list(Must)[number % 2]
        case = RuleCase(new_id(), f"{number}", must, NOON, "Ana", "T", CaseOrigin.CHECK, "So.", new_id())
        writing.add_case(db, site.id, "insults", case, by=OPERATOR, now=NOON)
    return writing.rule_book(db, site.id)


def read(text: str) -> list[RuleFile]:
    return [importing.read(text, by="Lea", now=NOON)]


def save(db: Database, site: Site, files: list[RuleFile], expected: int) -> RuleBook:
    return importing.import_rules(db, site.id, files, by=OPERATOR, now=NOON, expected=expected)


@pytest.mark.parametrize("out", [markdown.to_markdown, lambda book: json.dumps(forms.to_form(book))])
def test_a_whole_book_moves_to_another_site_and_back_unchanged(
    database: Database, site: Site, other_site: Site, out: object
) -> None:
    ours = write(database, site)
    file = read(out(ours))  # type: ignore[operator]

    theirs = save(database, other_site, file, 0)

    assert forms.to_form(theirs)["rules"] == sorted_cases(ours, theirs)
    assert theirs.digest == ours.digest
    assert importing.preview(database, site.id, file).differences == ()
    assert save(database, site, file, ours.version) == ours


def sorted_cases(ours: RuleBook, theirs: RuleBook) -> object:
    """Ours in the order of theirs: Markdown puts cases of one answer together."""
    order = {case.text: place for rule in theirs.rules for place, case in enumerate(rule.cases)}
    rules = forms.to_form(ours)["rules"]
    return [{**rule, "cases": sorted(rule["cases"], key=lambda case: order[case["text"]])} for rule in rules]


def test_the_difference_names_words_and_cases(database: Database, site: Site) -> None:
    write(database, site)
    file = read("## New {#new}\n> N.\n## No insults {#insults}\n> Be nice.\nMore.\n### Must pass\n- 1\n- 9\n")

    insults, new = importing.preview(database, site.id, file).differences

    assert [(c.field, c.before, c.after) for c in insults.words] == [
        ("sentence", "Be kind.", "Be nice."), ("reason", "Other", ""),
    ]  # fmt: skip
    assert ([case.text for case in insults.cases], insults.is_new, new.is_new) == (["1", "9"], False, True)
    assert writing.rule_book(database, site.id).version == 6


def test_a_book_that_was_changed_meanwhile_is_not_overwritten(database: Database, site: Site) -> None:
    book = write(database, site)

    with pytest.raises(InvalidInput, match="must be read again"):
        save(database, site, read("## New\n> N."), book.version - 1)

    assert writing.rule_book(database, site.id) == book


def test_a_policy_changes_neither_the_sentence_nor_the_reason(database: Database, site: Site) -> None:
    write(database, site)
    files = read("# Insults\n## Goal\nFind them.") + read('[{"name": "No insults", "policyText": "Theirs."}]')
    named = importing.RuleFile((HouseRule("insults", "Insults", "", "Theirs."),), is_policy=True)

    book = importing.merged(importing.merged(writing.rule_book(database, site.id), files), [named])

    assert [(r.key, r.sentence, r.reason, r.guidance[:7]) for r in book.rules if r.key != "ads"] == [
        ("insults", "Be kind.", "Other", "Theirs."),
        ("no-insults", "No insults", None, "Theirs."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("a" * 2_000_001, "file"),
        ('{"rules": [\n}', "line 2"),
        ("[" * 100_000, "file"),
        ('{"format": "x", "rules": []}', "format"),
        ("## Be kind", "rules.be-kind.sentence"),
        ("## Be kind\n> Be.\nReason: Unknown", "rules.be-kind.reason"),
        (f"## Be kind\n> Be.\n### Must pass\n- {'a' * 5_001}", "rules.be-kind.cases.0.text"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(database: Database, site: Site, text: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        importing.preview(database, site.id, read(text))

    assert field in {problem.field for problem in refused.value.problems}
    assert writing.rule_book(database, site.id).version == 0
