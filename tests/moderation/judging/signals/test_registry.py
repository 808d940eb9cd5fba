"""The registry of signals and the cheap ones that need neither model nor word list."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rq.timeouts import JobTimeoutException

from moderation.ground.errors import TooCostly
from moderation.ground.values.signals import Signal
from moderation.ground.values.statuses import Action
from moderation.judging.signals.registry import FOR_RULES, SIGNALS, cheap_signals
from moderation.judging.signals.spec import FAILED, MAX_SPANS, RULES, SignalSpec
from moderation.judging.text.reading import Reading
from tests.builders import a_comment_to_score, a_policy, an_author


def cheap(text: str = "A plain remark on the new rules for exporters.", **overrides: object) -> dict[str, Signal]:
    return {signal.name: signal for signal in cheap_signals(a_comment_to_score(text, **overrides))}


def quotes(text: str, signal: Signal) -> list[str]:
    return [text[span.start : span.end] for span in signal.evidence]


def raising(error: BaseException) -> Callable[[str], tuple[tuple[int, int], ...]]:
    def broken(_text: str) -> tuple[tuple[int, int], ...]:
        raise error

    return broken


class TestRegistry:
    def test_each_signal_is_listed_under_its_own_name_with_words_for_people(self) -> None:
        for name, spec in SIGNALS.items():
            assert spec.name == name
            assert spec.title and spec.title != name
            assert spec.meaning.endswith(".")
            assert spec.meaning.count(".") == 1

    def test_every_signal_that_needs_no_model_comes_with_every_comment(self) -> None:
        assert list(cheap()) == [name for name, spec in SIGNALS.items() if spec.model is None]
        assert {signal.source for signal in cheap().values()} == {RULES}

    def test_only_the_language_may_have_no_rules(self) -> None:
        assert SIGNALS.keys() - FOR_RULES.keys() == {"language.supported"}

    @pytest.mark.parametrize("model", [None, "mood"])
    def test_a_signal_has_a_model_or_is_measured_here_and_never_both(self, model: str | None) -> None:
        measure = None if model is None else SIGNALS["links"].measure

        with pytest.raises(ValueError, match="mood needs a model or a measure"):
            SignalSpec(name="mood", title="Mood", meaning="A mood.", scale="score", model=model, measure=measure)

    @pytest.mark.parametrize(
        ("name", "flag", "publish"), [("toxicity", "at_least", "below"), ("relevance", "below", "at_least")]
    )
    def test_a_rule_that_publishes_looks_at_the_other_end(self, name: str, flag: str, publish: str) -> None:
        bounds = [SIGNALS[name].bound_for(action) for action in (Action.FLAG, Action.REJECT, Action.PUBLISH)]

        assert bounds == [flag, flag, publish]

    def test_a_signal_of_a_model_cannot_be_measured_without_it(self) -> None:
        with pytest.raises(ValueError, match="toxicity needs the model toxicity"):
            SIGNALS["toxicity"].signal_of(a_comment_to_score())

    def test_each_signal_counts_where_it_should(self) -> None:
        toxic = {"toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack", "sexual_explicit"}
        listed = {"words.banned", "words.suspect", "words.slurs", "words.obscene"}

        assert {name for name, spec in SIGNALS.items() if spec.model == "toxicity"} == toxic
        assert {name for name, spec in SIGNALS.items() if spec.is_harmful} == toxic
        assert {name for name, spec in SIGNALS.items() if spec.is_masked} == listed
        assert {name for name, spec in SIGNALS.items() if spec.tone == "harm"} == toxic | listed | {"private_data"}
        assert {name for name, spec in SIGNALS.items() if spec.tone == "topic"} == {"relevance"}
        assert {name for name, spec in SIGNALS.items() if spec.measure_again is not None} == {
            "words.banned",
            "words.suspect",
            "links",
            "links.blocked",
        }
        assert {name for name, spec in SIGNALS.items() if spec.is_grave} == {
            "threat", "severe_toxicity", "identity_attack"
        }  # fmt: skip
        assert {name for name, spec in SIGNALS.items() if spec.is_spared} == {
            "toxicity", "obscene", "insult", "relevance", "words.obscene", "author.published", "author.age_days"
        }  # fmt: skip

    @pytest.mark.parametrize("spec", [spec for spec in SIGNALS.values() if spec.measure_again], ids=lambda s: s.name)
    def test_a_signal_is_measured_again_from_the_lists_that_it_names_alone(self, spec: SignalSpec) -> None:
        text = "You scum, read example.com and www.example.org"
        policy = a_policy(
            banned_words=("scum",),
            suspect_words=("you", "read"),
            blocked_domains=frozenset({"example.com"}),
            allowed_domains=frozenset({"example.org"}),
        )
        named = SimpleNamespace(**{name: getattr(policy, name) for name in spec.lists})

        assert spec.measure_again is not None
        assert spec.measure_again(Reading(text), named) == spec.measure_again(Reading(text), policy)  # type: ignore[arg-type]

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


@pytest.mark.parametrize("error", [IndexError, RecursionError, KeyError, AssertionError])
def test_a_signal_that_breaks_is_missing_and_the_others_come(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moderation.judging.signals.texts.links.counted", raising(error()))
    signals = cheap()

    assert (signals["links"].value, signals["links"].abstained) == (None, None)
    assert signals["links"].source.startswith(f"{FAILED}: {error.__name__} in broken, line ")
    assert signals["words.banned"].value == 0
    again = SIGNALS["links"].signal_again(Signal("links", 0.0, RULES), Reading("text"), a_policy())
    assert again == signals["links"]


def test_the_end_of_a_batchs_time_and_of_a_comments_time_are_no_faults_of_a_signal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for error in (JobTimeoutException("out of time"), TooCostly(0.05), MemoryError()):
        monkeypatch.setattr("moderation.judging.signals.texts.links.counted", raising(error))

        with pytest.raises(type(error)):
            cheap()


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
    assert cheap(reports=2)["reports"].value == 2
    assert cheap()["reports"].value == 0


@given(st.text(max_size=80), st.integers(0, 30), st.integers(0, 30), st.integers(0, 9))
def test_every_signal_keeps_to_its_scale_and_points_into_the_text(
    text: str, published: int, rejected: int, reports: int
) -> None:
    author = an_author(published=published, rejected=rejected)

    for signal in cheap_signals(a_comment_to_score(text, author=author, reports=reports)):
        value, spec = signal.value, SIGNALS[signal.name]
        assert (value is None) is (signal.abstained is not None)
        if value is not None:
            assert 0 <= value <= 1 if spec.scale == "score" else value >= 0 and value == int(value)
        assert all(0 <= span.start < span.end <= len(text) and 0 < span.weight <= 1 for span in signal.evidence)
