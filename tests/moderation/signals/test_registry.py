"""The registry of signals and the cheap ones that need neither model nor word list."""

from __future__ import annotations

import pytest

from moderation.model import Signal
from moderation.signals.registry import MAX_SPANS, SIGNALS, cheap_signals, shouting
from tests.builders import a_comment_to_score, a_policy, an_author


def cheap(text: str = "A plain remark on the new rules for exporters.", **overrides: object) -> dict[str, Signal]:
    return {signal.name: signal for signal in cheap_signals(a_comment_to_score(text, **overrides))}


def quotes(text: str, signal: Signal) -> list[str]:
    return [text[span.start : span.end] for span in signal.evidence]


class TestRegistry:
    def test_each_signal_is_listed_under_its_own_name_with_words_for_people(self) -> None:
        for name, spec in SIGNALS.items():
            assert spec.name == name
            assert spec.title and spec.title != name
            assert spec.meaning.endswith(".")
            assert spec.meaning.count(".") == 1

    def test_only_relevance_and_language_are_worse_when_low(self) -> None:
        assert {name for name, spec in SIGNALS.items() if spec.worse == "low"} == {"relevance", "language.supported"}

    def test_every_signal_that_needs_no_model_comes_with_every_comment(self) -> None:
        assert list(cheap()) == [name for name, spec in SIGNALS.items() if spec.kind == "rule"]

    def test_nobody_changes_the_registry(self) -> None:
        with pytest.raises(TypeError):
            SIGNALS["mood"] = SIGNALS["links"]  # type: ignore[index]


def test_links_and_words_are_counted_with_their_places() -> None:
    policy = a_policy(banned_words=("rotter*",), suspect_words=("free money",))
    text = "You rotters! FREE  money at example.com or hxxp://example.org/x"

    signals = cheap(text, policy=policy)

    assert (signals["links"].value, quotes(text, signals["links"])) == (2, ["example.com", "hxxp://example.org/x"])
    assert (signals["words.banned"].value, quotes(text, signals["words.banned"])) == (1, ["rotters"])
    assert (signals["words.suspect"].value, quotes(text, signals["words.suspect"])) == (1, ["FREE  money"])
    assert [span.weight for span in signals["links"].evidence] == [0.5, 0.5]


def test_a_site_without_lists_has_no_listed_words() -> None:
    assert cheap()["words.banned"].value == 0
    assert cheap()["words.suspect"].value == 0


def test_evidence_is_kept_for_the_first_matches_only_and_the_count_is_whole() -> None:
    links = cheap("example.com " * (MAX_SPANS + 10))["links"]

    assert links.value == MAX_SPANS + 10
    assert len(links.evidence) == MAX_SPANS


@pytest.mark.parametrize(
    ("published", "rejected", "rate"), [(5, 0, 0.0), (2, 3, 0.6), (0, 5, 1.0), (100, 1, pytest.approx(1 / 101))]
)
def test_the_authors_rate_is_the_share_of_decided_comments(published: int, rejected: int, rate: float) -> None:
    signal = cheap(author=an_author(published=published, rejected=rejected))["author.rejection_rate"]

    assert (signal.value, signal.abstained) == (rate, None)


@pytest.mark.parametrize(("published", "rejected"), [(0, 0), (0, 4), (4, 0)])
def test_an_author_with_few_decided_comments_has_no_record(published: int, rejected: int) -> None:
    signal = cheap(author=an_author(published=published, rejected=rejected))["author.rejection_rate"]

    assert (signal.value, signal.abstained) == (None, "fewer than 5 decided comments")


def test_repeats_are_counted() -> None:
    assert cheap("Six whole words are quite enough.", near_copies=0)["repeat"].value == 0
    assert cheap("Six whole words are quite enough.", near_copies=4)["repeat"].value == 4


def test_a_short_text_repeats_innocently() -> None:
    signal = cheap("So true!")["repeat"]

    assert (signal.value, signal.abstained) == (None, "too short")


def test_reports_are_counted() -> None:
    by_name = {signal.name: signal for signal in cheap_signals(a_comment_to_score(), reports=2)}

    assert by_name["reports"].value == 2
    assert cheap()["reports"].value == 0


class TestShouting:
    @pytest.mark.parametrize("letters", [0, 1, 19])
    def test_it_abstains_under_20_letters(self, letters: int) -> None:
        signal = shouting("A" * letters + " 123 !!!")

        assert (signal.value, signal.abstained) == (None, "too short")

    @pytest.mark.parametrize(
        ("text", "share"),
        [
            ("A" * 20, 1.0),
            ("a" * 20, 0.0),
            ("nothing here is loud at all", 0.0),
            ("THIS IS A COMPLETE DISGRACE", 1.0),
            ("this is a COMPLETE disgrace", pytest.approx(8 / 23)),
            ("ÇA SUFFIT MAINTENANT, ASSEZ", 1.0),
        ],
    )
    def test_it_is_the_share_of_capitals_among_letters(self, text: str, share: float) -> None:
        assert shouting(text).value == share

    @pytest.mark.parametrize(
        "text", ["NATO and the EU answered in one voice", "the CEO of IBM met the FTC about the case"]
    )
    def test_acronyms_are_no_shouting(self, text: str) -> None:
        signal = shouting(text)

        assert signal.value == 0
        assert signal.evidence == ()

    def test_an_acronym_inside_a_shout_is_part_of_it(self) -> None:
        text = "STOP NATO NOW said the banner at the gate"

        signal = shouting(text)

        assert signal.value == pytest.approx(11 / 33)
        assert quotes(text, signal) == ["STOP NATO NOW"]

    def test_a_text_of_acronyms_alone_is_too_short_to_judge(self) -> None:
        assert shouting("NATO, and ASEAN; or OPEC").abstained == "too short"

    def test_a_script_without_capitals_is_no_shouting(self) -> None:
        assert shouting("この記事はとても分かりやすくて助かりました。ありがとうございます。").abstained == "too short"

    def test_each_shout_carries_its_share(self) -> None:
        text = "NEVER AGAIN FRIENDS is what they all said, and then they did it AGAIN AND AGAIN"

        signal = shouting(text)

        assert quotes(text, signal) == ["NEVER AGAIN FRIENDS", "AGAIN AND AGAIN"]
        assert sum(span.weight for span in signal.evidence) == pytest.approx(1)
