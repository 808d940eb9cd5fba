"""The held-back suite: well formed, wide enough, out of all training, and measured without showing single cases."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from training.measuring import held_back
from training.rows.assemble import read_hand_labels
from training.suites.cases import ADVERTISING, SUITES, Case, Label, languages, read_cases
from training.suites.counts import Count, counts_of, read_counts, table, write_counts
from training.suites.judging import Judged, judge, limits_of, scorer_of
from workers.scoring.engines.weights import Weights

ROOT = Path(__file__).parents[3]
LEAST = {"en": 600, "de": 150, "es": 150, "fr": 150}


def letters(text: str) -> str:
    """The text without case, spaces and marks, so that a copy with another full stop is still a copy."""
    return re.sub(r"[\W_]+", "", text.casefold())


def texts_in(value: object) -> Iterator[str]:
    """All texts in a JSON record, in whatever field."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts_in(inner)


def of_others() -> Iterator[Path]:
    """Every file of training texts, and the development suite."""
    yield from (path for path in ROOT.glob("training/**/*.jsonl") if "suites" not in path.parts)
    yield from ROOT.glob("tests/development/cases/*.jsonl")


def functionalities(language: str) -> dict[str, set[Label]]:
    found = defaultdict[str, set[Label]](set)
    for case in read_cases(language):
        found[case.functionality].add(case.label)
    return found


def test_every_language_has_enough_cases_and_no_other_has_any() -> None:
    assert set(languages()) == set(LEAST)
    assert {code: len(read_cases(code)) >= least for code, least in LEAST.items()} == dict.fromkeys(LEAST, True)


@pytest.mark.parametrize("language", LEAST)
def test_half_of_the_cases_are_civil_and_none_comes_twice(language: str) -> None:
    cases = read_cases(language)
    civil = sum(case.label is Label.PUBLISH for case in cases) / len(cases)

    assert 0.45 <= civil <= 0.55
    assert len({letters(case.text) or case.text for case in cases}) == len(cases)


@pytest.mark.parametrize("language", LEAST)
def test_each_functionality_has_one_label_and_cases_in_every_language(language: str) -> None:
    found = functionalities(language)

    assert {name for name, labels in found.items() if len(labels) != 1} == set()
    assert found == functionalities("en")
    assert len(found) >= 30


@pytest.mark.parametrize("language", LEAST)
def test_each_group_is_named_in_civil_cases_and_attacked_in_others(language: str) -> None:
    labels = defaultdict[str, set[Label]](set)
    for case in read_cases(language):
        if case.group:
            labels[case.group].add(case.label)

    assert len(labels) >= 8
    assert set(map(frozenset, labels.values())) == {frozenset(Label)}


def test_each_language_has_as_many_cases_of_each_kind_in_the_suite_by_language() -> None:
    suite = SUITES["by_language"]
    kinds = {code: Counter((c.functionality, c.label) for c in read_cases(code, suite)) for code in languages(suite)}

    assert len(kinds) == 10
    assert set(kinds) >= {"de", "fr", "it", "es", "pt", "tr", "ro", "ko", "pl", "vi"}
    assert all(own == kinds["de"] for own in kinds.values())
    assert kinds["de"][("civil_talk_of_a_group", Label.PUBLISH)] >= 20
    assert kinds["de"][("direct_threat", Label.HOLD)] >= 15


def test_the_advertisements_are_six_of_each_of_ten_kinds_and_all_to_hold() -> None:
    cases = [case for code in languages(ADVERTISING) for case in read_cases(code, ADVERTISING)]

    assert Counter(Counter(case.functionality for case in cases).values()) == {6: 10}
    assert {case.label for case in cases} == {Label.HOLD}
    assert len(read_cases("en", ADVERTISING)) == 45


def test_no_advertisement_shares_seven_words_in_a_row_with_a_training_text_on_spam() -> None:
    def runs(text: str) -> set[tuple[str, ...]]:
        words = re.findall(r"\w+", text.casefold())
        return set(zip(*(words[n:] for n in range(7)), strict=False))

    files = (ROOT / "training" / "spam" / "texts").glob("*_spam.jsonl")
    taught = [runs(json.loads(line)["text"]) for path in files for line in path.read_text("utf-8").splitlines()]
    cases = [runs(case.text) for code in languages(ADVERTISING) for case in read_cases(code, ADVERTISING)]

    assert len(taught) > 2_500
    assert set[tuple[str, ...]]().union(*cases) & set[tuple[str, ...]]().union(*taught) == set()


def test_no_case_is_a_training_text_or_a_case_of_the_development_suite() -> None:
    lines = (json.loads(line) for path in of_others() for line in path.read_text("utf-8").splitlines() if line)
    others = {letters(text) for record in lines for text in texts_in(record)} - {""}
    suites = (*SUITES.values(), ADVERTISING)
    cases = {letters(case.text) for suite in suites for code in languages(suite) for case in read_cases(code, suite)}

    assert len(others) > 30_000
    assert cases & others == set()


def test_no_case_was_labelled_by_hand_for_training() -> None:
    labelled = read_hand_labels(ROOT / "training" / "labels")
    cases = {hashlib.sha256(case.text.encode()).hexdigest() for code in languages() for case in read_cases(code)}

    assert len(labelled) > 10_000
    assert {len(key) for key in labelled} == {len(next(iter(cases)))}
    assert cases & set(labelled) == set()


def test_only_the_measurement_reads_the_suite() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for folder in ("training", "workers", "moderation", "service", "gavel", "bench")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"training\.suites|suites/held_back|\"held_back\"", path.read_text(encoding="utf-8"))
    }

    allowed = {
        "training/context/pairs.py",  # its own cases, with the names of the labels alone
        "training/measuring/advertisements.py",
        "training/measuring/held_back.py",
        "training/multilingual/measuring/written_cases.py",
        *(f"training/suites/{name}.py" for name in ("cases", "counts", "judging")),
    }
    assert readers == allowed


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "xx.jsonl:1: the case is not JSON"),
        ('{"text": " ", "label": "hold", "functionality": "x"}', "xx.jsonl:1: the field text is missing or empty"),
        ('{"text": "a", "label": "hold"}', "xx.jsonl:1: the field functionality is missing or empty"),
        ('{"text": "a", "label": "toxic", "functionality": "x"}', "xx.jsonl:1: label is 'toxic'"),
        ('["text"]', "xx.jsonl:1: the case is no JSON object"),
    ],
)
def test_a_malformed_case_is_named_by_file_line_and_field(tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / "xx.jsonl").write_text(line + "\n", encoding="utf-8")

    with pytest.raises(ValueError, match=re.escape(message)):
        read_cases("xx", tmp_path)


def test_a_comment_is_held_at_the_limits_and_one_that_no_weights_know_counts_as_wrong() -> None:
    cases = (
        Case("Thank you for the article on the library.", Label.PUBLISH, "x"),
        Case("You are a stupid, worthless idiot.", Label.HOLD, "x"),
        Case("この記事はとても面白かったです。ありがとうございました。", Label.PUBLISH, "x"),
        Case("ეს სტატია ძალიან საინტერესო იყო, დიდი მადლობა ავტორს.", Label.PUBLISH, "x"),
    )
    weights = Weights.read("toxicity", ROOT / "models" / "toxicity")

    judged = judge(scorer_of(weights), cases, "en", limits_of(weights))

    assert [one.given for one in judged] == [Label.PUBLISH, Label.HOLD, Label.PUBLISH, None]
    assert [one.right for one in judged] == [True, True, True, False]


def test_counts_are_by_functionality_group_and_label_with_wilsons_interval() -> None:
    def judged(label: Label, given: Label, group: str | None = None) -> Judged:
        return Judged(Case("a", label, f"f_{label}", group), given)

    counts = counts_of(
        [
            *[judged(Label.PUBLISH, Label.PUBLISH, "jews")] * 80,
            judged(Label.PUBLISH, Label.HOLD, "jews"),
            judged(Label.HOLD, Label.PUBLISH),
        ]
    )

    assert list(counts["functionality"]) == ["f_publish, publish", "f_hold, hold", "all, publish", "all, hold", "all"]
    assert counts["functionality"]["all"] == Count(80, 82)
    assert counts["group"] == {"jews, publish": Count(80, 81), "all, publish": Count(80, 81)}
    assert str(Count(81, 263)) == "81/263 · 31 % [26–37]"  # Newcombe (1998), table I: 0.2553 to 0.3662
    assert str(Count(0, 0)) == "–"


def test_a_table_has_a_column_for_each_and_a_dash_where_one_has_no_such_line() -> None:
    old = {"group": {"jews, hold": Count(1, 2), "roma, hold": Count(0, 1)}}
    new = {"group": {"jews, hold": Count(2, 2)}}

    lines = table("group", {"before": old, "now": new}).splitlines()

    assert lines[0] == "| group, right answer | before | now |"
    assert lines[2] == "| jews, hold | 1/2 · 50 % [9–91] | 2/2 · 100 % [34–100] |"
    assert lines[3].startswith("| roma, hold | 0/1") and lines[3].endswith("| – |")


def test_counts_are_read_as_they_were_written_and_another_file_is_refused(tmp_path: Path) -> None:
    counts = {"group": {"jews, hold": Count(1, 2)}}

    write_counts(tmp_path / "en.json", counts)

    assert read_counts(tmp_path / "en.json") == counts
    (tmp_path / "en.json").write_text('{"group": [1]}', encoding="utf-8")
    with pytest.raises(ValueError, match="holds no counts of the held-back suite"):
        read_counts(tmp_path / "en.json")


def test_the_command_measures_one_language_writes_counts_and_card_and_shows_no_case(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card, out = tmp_path / "card.md", tmp_path / "counts"
    card.write_text("<!-- held back -->\n<!-- end of held back -->\n", encoding="utf-8")
    folder = str(ROOT / "models" / "multilingual")

    held_back.main([folder, "--language", "fr", "--counts", str(out), "--card", str(card)])

    shown = capsys.readouterr().out
    counts = read_counts(out / "fr.json")
    assert counts["functionality"]["all"].total == len(read_cases("fr"))
    assert f"| all | {counts['functionality']['all']} |" in shown
    assert "| long_civil, publish |" in shown
    assert f"| all | {counts['functionality']['all']} |" in card.read_text(encoding="utf-8")
    assert [case.text for case in read_cases("fr") if case.text in shown] == []


@pytest.mark.parametrize("language", ["de", "xx"])
def test_a_language_that_cannot_be_measured_is_refused(language: str) -> None:
    folder = str(ROOT / "models" / "toxicity")

    with pytest.raises(ValueError, match=f"language '{language}' has no cases or is not known to the weights: en"):
        held_back.main([folder, "--language", language])
