"""The bundled models as the rest of Gavel sees them: signals in order, abstentions with reasons."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from tokenizers import Encoding

from bench.hostile import PROSE
from moderation.ground.errors import ModelUnavailable
from moderation.ground.values.signals import Signal, Span
from moderation.judging.signals.default_limits import DEFAULT_LIMITS
from moderation.judging.signals.language import LanguageStanding
from moderation.pipeline.arriving.comment_text import MAX_CHARS
from workers.scoring.engines.onnx import EngineReading
from workers.scoring.engines.table_engine import TableEngine
from workers.scoring.engines.weights import ModelFolders
from workers.scoring.language.deciding import LanguageScorer
from workers.scoring.language.detecting import LanguageDetector
from workers.scoring.language.other_languages import MOST_CHARS
from workers.scoring.scorable import Evidence, Scorable, Unexplained
from workers.scoring.scorer import Scorer

LABELS = ("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack")
ARTICLE = {"title": "New tram line opens", "article_text": "The tram line to the harbour opened on Monday."}


def by_name(signals: tuple[Signal, ...]) -> dict[str, Signal]:
    return {signal.name: signal for signal in signals}


def test_every_comment_gets_every_signal_in_one_order(scorer: Scorer) -> None:
    scored = scorer.score(
        [Scorable("You fucking idiot"), Scorable("Le tram est arrivé en retard ce matin encore"), Scorable("?")]
    )

    names = (*LABELS, "relevance", "spam", "language.supported")
    assert [tuple(signal.name for signal in signals) for signals in scored] == [names] * 3


def test_values_are_probabilities_and_an_insult_is_more_toxic_than_thanks(scorer: Scorer) -> None:
    rude, kind = scorer.score(
        [Scorable("You are a fucking idiot, piss off"), Scorable("Thank you for the kind words about my street")]
    )

    assert all(0.0 <= (s.value or 0.0) <= 1.0 for s in rude + kind)
    assert (by_name(rude)["toxicity"].value or 0.0) > 0.8
    assert (by_name(kind)["toxicity"].value or 1.0) < 0.3


def test_the_bundled_weights_count_the_name_of_a_group_in_full(scorer: Scorer) -> None:
    (hateful,) = scorer.score([Scorable("I hate Muslims")])

    found = by_name(hateful)
    assert any((found[name].value or 0) >= DEFAULT_LIMITS[name] for name in LABELS)


def test_nothing_in_gives_nothing_out(scorer: Scorer) -> None:
    assert scorer.score([]) == []


def test_a_language_that_the_weights_do_not_know_abstains(scorer: Scorer) -> None:
    text = "Serikali haijui inachofanya na kodi zetu, ni aibu kubwa kwa nchi yetu"

    (signals,) = scorer.score([Scorable(text, **ARTICLE)])  # type: ignore[arg-type]

    found = by_name(signals)
    assert all(found[name].value is None and found[name].abstained == "language: sw" for name in LABELS)
    assert (found["language.supported"].value, found["language.supported"].source) == (0.0, "lang:sw")


def test_the_language_that_the_site_gives_is_believed(scorer: Scorer) -> None:
    english, swahili = scorer.score(
        [Scorable("Quelle honte", language="en-GB"), Scorable("What a shame", language="sw")]
    )

    assert by_name(english)["toxicity"].value is not None
    assert by_name(swahili)["toxicity"].abstained == "language: sw"


@pytest.mark.parametrize(
    ("text", "code", "supported"),
    [
        ("I think you are wrong about the tram and its cost. Du bist ein dreckiger Hurensohn.", "de", 0.5),
        ("The council should go ahead with this, eres un hijo de la gran puta", "es", 0.5),
        ("puta Maria", "es", 0.5),
        ("Hurensohn Merkel", "de", 0.5),
    ],
)
@pytest.mark.parametrize("declared", [None, "en"])
def test_abuse_in_another_language_beside_english_is_scored_in_it(
    scorer: Scorer, text: str, code: str, supported: float, declared: str | None
) -> None:
    (signals,) = scorer.score([Scorable(text, language=declared)])

    found = by_name(signals)
    assert (found["language.supported"].source, found["language.supported"].value) == (f"lang:en+{code}", supported)
    assert (found["toxicity"].value or 0.0) > 0.85
    assert found["toxicity"].source == scorer.models["toxicity_multilingual"]


def test_few_characters_of_other_languages_are_read_beside_the_comment(
    scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sentences = (
        "Du bist doch der dümmste Mensch, den diese Stadt je gesehen hat, verschwinde endlich!",
        "Ojalá te mueras mañana con toda tu familia de ladrones, porque nadie te quiere aquí.",
        "Vous êtes tous des voleurs et des menteurs, allez donc vous faire voir ailleurs.",
        "Siete tutti dei ladri e dei bugiardi, andate via da questa città una volta per tutte.",
        "Jesteście wszyscy złodziejami i kłamcami, wynoście się wreszcie z tego miasta.",
        "Sunteți toți niște hoți și mincinoși, plecați odată din orașul acesta.",
        "Hepiniz hırsız ve yalancısınız, artık bu şehirden defolup gidin.",
        "Jullie zijn allemaal dieven en leugenaars, ga toch weg uit deze stad.",
    )
    text = ("".join(f"{PROSE}{sentence} " for sentence in sentences) * 120)[:MAX_CHARS]
    read, run = list[int](), TableEngine.read

    def metered(engine: TableEngine, texts: Sequence[str], encodings: Sequence[Encoding]) -> EngineReading:
        read.extend(map(len, texts))
        return run(engine, texts, encodings)

    monkeypatch.setattr(TableEngine, "read", metered)
    scorer.score([Scorable(text)])

    whole_and_its_worst_sentence = len(text) + max(map(len, sentences)) + len(PROSE)
    assert sum(read) <= whole_and_its_worst_sentence + MOST_CHARS
    assert sum(read) > max(map(len, sentences))  # of a text as long as this one, a sample


def test_the_words_of_another_language_are_the_evidence(scorer: Scorer) -> None:
    comment = Scorable("I think you are wrong about the tram and its cost. Du bist ein dreckiger Hurensohn.")

    (found,) = scorer.explain([Unexplained(comment, ("toxicity",))])

    marked = [comment.text[span.start : span.end] for span in found["toxicity"]]
    assert "Hurensohn" in marked
    assert set(marked) <= {"dreckiger", "Hurensohn"}


def test_a_civil_sentence_in_another_language_beside_english_is_not_toxic(scorer: Scorer) -> None:
    (signals,) = scorer.score([Scorable("I agree with the article. Gracias por la información a todos.")])

    assert (by_name(signals)["toxicity"].value or 1.0) < 0.3
    assert by_name(signals)["language.supported"].source == "lang:en+es"


def test_a_short_comment_is_taken_for_the_articles_language(scorer: Scorer) -> None:
    article = "Le conseil municipal a voté la construction d'une nouvelle ligne de tramway vers le port."

    under_french, alone = scorer.score([Scorable("lol", article_text=article), Scorable("lol")])

    assert by_name(under_french)["language.supported"].source == "lang:fr"
    assert by_name(alone)["language.supported"].source == "lang:en"


@pytest.mark.parametrize(
    ("comment", "language"),
    [
        (Scorable("Министр опять солгал, и никто этому уже не удивляется", title="A tram"), "Russian"),
        (
            Scorable("The new tram is late again every morning", title="Den nya spårvagnen till hamnen blir dyrare"),
            "Swedish",
        ),
        (Scorable("The new tram is late again every morning", title="A tram", article_language="ja"), "Japanese"),
    ],
)
def test_relevance_says_that_it_has_no_model_for_another_language(
    scorer: Scorer, comment: Scorable, language: str
) -> None:
    (signals,) = scorer.score([comment])

    found = by_name(signals)["relevance"]
    assert (found.value, found.abstained) == (None, f"no relevance model for {language}")


TRAMS = {
    "de": ("Neue Straßenbahn zum Hafen wird teurer als geplant",
           "Achtzig Millionen mehr für drei Haltestellen, und am Wochenende fährt dann doch wieder der Bus.",
           "Den Ofen vorheizen, Eier und Zucker schlagen und das Mehl vorsichtig unterheben."),
    "it": ("New tram to the harbour will cost more than planned",
           "Ottanta milioni in più per tre fermate, e la domenica poi passa di nuovo soltanto l'autobus.",
           "Scaldate il forno, sbattete le uova con lo zucchero e unite piano la farina."),
}  # fmt: skip


@pytest.mark.parametrize("language", TRAMS)
def test_relevance_is_judged_in_other_languages_and_for_some_under_an_english_headline(
    scorer: Scorer, language: str
) -> None:
    title, tram, oven = TRAMS[language]

    on, off = (
        by_name(signals)["relevance"]
        for signals in scorer.score([Scorable(text, title=title) for text in (tram, oven)])
    )

    assert on.source == off.source == scorer.models["relevance_multilingual"]
    assert on.value is not None and on.value > 0.5
    assert off.value is not None and off.value < 0.2
    assert [span.quote for span in on.evidence] == [title]


def test_relevance_abstains_for_a_remark_about_the_site_unless_it_is_on_topic(scorer: Scorer) -> None:
    tram = "New tram line to the harbour opens in May"
    texts = (
        "Why has my last comment been removed by your moderators?",
        "The new tram line to the harbour is late, and this time do not delete my comment",
        "The oven has to be hot before you put the bread in",
    )

    site, tram_too, bread = (
        by_name(signals)["relevance"] for signals in scorer.score([Scorable(text, title=tram) for text in texts])
    )

    assert (site.value, site.abstained) == (None, "about moderation or this site")
    assert tram_too.value is not None and tram_too.value > 0.5
    assert bread.value is not None and bread.value < 0.5


@pytest.mark.parametrize("text", ["a", "?", "👍", "no", "123", "\u200b"])
def test_toxicity_never_abstains_for_shortness(scorer: Scorer, text: str) -> None:
    (signals,) = scorer.score([Scorable(text)])

    assert by_name(signals)["toxicity"].value is not None
    assert by_name(signals)["toxicity"].value < DEFAULT_LIMITS["toxicity"]  # type: ignore[operator]


def test_an_insult_at_the_end_of_a_very_long_comment_counts(scorer: Scorer) -> None:
    civil = "The committee met on Tuesday and discussed the drainage of the lower fields. " * 150
    long, worse = scorer.score([Scorable(civil), Scorable(civil + "You are a fucking idiot, piss off.")])

    assert (by_name(long)["toxicity"].value or 1.0) < 0.5
    assert (by_name(worse)["toxicity"].value or 0.0) > (by_name(long)["toxicity"].value or 1.0) + 0.2


def test_models_are_named_with_their_versions(scorer: Scorer) -> None:
    assert set(scorer.models) == {
        "toxicity",
        "toxicity_multilingual",
        "relevance",
        "relevance_multilingual",
        "spam",
        "language",
    }
    name, digits = scorer.models["toxicity"].split("@")
    assert name == "bundled"
    assert len(bytes.fromhex(digits)) == 4
    (signals,) = scorer.score([Scorable("Hello")])
    assert by_name(signals)["toxicity"].source == scorer.models["toxicity"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [({"toxicity_model": "nonsense"}, "no weights 'nonsense'"), ({"engine": "tensorflow"}, "no engine 'tensorflow'")],
)
def test_what_cannot_be_loaded_says_so(arguments: dict[str, str], reason: str, places: ModelFolders) -> None:
    with pytest.raises(ModelUnavailable, match=reason):
        Scorer.load(cache_dir=places.cache, **arguments)  # type: ignore[arg-type]


def test_missing_models_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="toxicity/manifest.json does not exist"):
        Scorer.load(models_dir=tmp_path, cache_dir=tmp_path)


class Length:
    """A scorer of one signal more: how long a comment is; its first word carries that."""

    version, names = "length@1", ("length",)
    models = {"length": version}

    def score(self, batch: Sequence[Scorable]) -> list[tuple[Signal, ...]]:
        return [(Signal("length", float(len(one.text)), f"{self.version} {one.language}"),) for one in batch]

    def explain(self, batch: Sequence[Unexplained]) -> list[Evidence]:
        return [dict.fromkeys(one.signals, (Span(0, one.scorable.text.index(" ")),)) for one in batch]


def test_a_scorer_more_brings_its_signals_model_and_evidence() -> None:
    scorer = Scorer(LanguageScorer(LanguageDetector(), {"en": LanguageStanding.DECIDES}), Length())
    comment = Scorable("Der Minister ist ein Lügner und die Regierung eine Schande")

    (signals,) = scorer.score([comment])
    found = scorer.explain([Unexplained(comment, ("mood",)), Unexplained(comment, ("mood", "length"))])

    assert [signal.name for signal in signals] == ["length", "language.supported"]
    assert scorer.models == {"length": "length@1", "language": LanguageDetector.version}
    assert [(s.name, s.value, s.source) for s in signals] == [
        ("length", 58.0, "length@1 de"), ("language.supported", 0.0, "lang:de")
    ]  # fmt: skip
    assert found == [{}, {"length": (Span(0, 3),)}]
