"""The parts of a comment that are in another language than most of it, and those that only seem to be."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.ground.errors import TooCostly
from moderation.judging.text.reading_budget import Budget
from tests.ticking import TickingClock
from workers.scoring.language.detecting import LanguageDetector, Likely
from workers.scoring.language.other_languages import (
    FEWEST_LETTERS,
    FEWEST_SIGNS,
    MOST_CHARS,
    MOST_PARTS,
    parts_in_other_languages,
)

ENGLISH = "The council voted for the new tram line on Monday, and I think that this was the right decision for us all. "

SENTENCES = {
    "de": "Du bist doch der dümmste Mensch, den diese Stadt je gesehen hat, verschwinde endlich!",
    "es": "Ojalá te mueras mañana con toda tu familia de ladrones, porque nadie te quiere aquí.",
    "fr": "Vous êtes tous des voleurs et des menteurs, allez donc vous faire voir ailleurs.",
    "it": "Siete tutti dei ladri e dei bugiardi, andate via da questa città una volta per tutte.",
    "pl": "Jesteście wszyscy złodziejami i kłamcami, wynoście się wreszcie z tego miasta.",
    "ru": "Вы все воры и лжецы, убирайтесь уже наконец из этого города и не возвращайтесь.",
    "sv": "Ni är alla tjuvar och lögnare, ge er av från den här staden en gång för alla.",
}


@pytest.fixture(scope="module")
def detector() -> LanguageDetector:
    return LanguageDetector()


def found(detector: LanguageDetector, text: str, home: str = "en") -> list[tuple[str, str]]:
    """Each part as its language and its text."""
    return [(part.language, text[part.start : part.end]) for part in parts_in_other_languages(detector, text, home)]


@pytest.mark.parametrize(
    ("code", "before", "part", "after"),
    [
        ("de", ENGLISH, "Du bist ein dreckiger Hurensohn", "."),
        ("de", "He said ", "du bist dumm", " and left."),
        ("fr", "The council should go ahead with this, ", "ta gueule connard", ""),
        ("es", "You are right. ", "Eres un sinvergüenza y un ladrón", "!"),
        ("pt", "You are right. ", "Vai tomar no cu", ", my friend"),
        ("it", ENGLISH, "Sei proprio una merda", ""),
        ("tr", ENGLISH, "Sen tam bir yalancısın", "."),
        ("ro", "It is late again. ", "Esti un prost si un nesimtit", "."),  # without accents, as readers write
        ("pl", ENGLISH, "Jesteś zwykłym złodziejem", "."),
        ("ko", "It is late again, ", "씨발놈아 꺼져", " my friend"),
        ("ru", ENGLISH, "Ты просто идиот", "."),
    ],
)
def test_a_few_words_in_another_language_are_found(
    detector: LanguageDetector, code: str, before: str, part: str, after: str
) -> None:
    assert found(detector, before + part + after) == [(code, part)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("puta Maria", ("es", "puta Maria")),
        ("Hurensohn Merkel", ("de", "Hurensohn")),
        ("We all know that this man is a Hurensohn and a thief.", ("de", "Hurensohn")),
        ("You should spierdalaj from this town.", ("pl", "spierdalaj")),
        ("This is what l'enculé wanted.", ("fr", "l'enculé")),
    ],
)
def test_an_insult_in_another_language_needs_no_company(
    detector: LanguageDetector, text: str, expected: tuple[str, str]
) -> None:
    assert found(detector, text) == [expected]


@pytest.mark.parametrize(
    ("code", "part"),
    [
        ("de", "Du bist doch der dümmste Hurensohn, den diese Stadt je gesehen hat, verschwinde endlich!"),
        ("es", "Eres un hijo de puta y ojalá te mueras mañana con toda tu familia de ladrones."),
        ("ko", "이 바보같은 놈들은 전부 감옥에 가야 한다."),
        ("sw", "Serikali haijui inachofanya na kodi zetu, ni aibu kubwa kwa nchi yetu na watu wake wote."),
    ],
)
def test_another_language_far_into_a_text_is_found(detector: LanguageDetector, code: str, part: str) -> None:
    assert [language for language, _ in found(detector, ENGLISH * 8 + part)] == [code]


@pytest.mark.parametrize(
    ("home", "text", "expected"),
    [
        ("de", "Der Artikel ist gut geschrieben, vielen Dank dafür. You are a fucking idiot.", "en"),
        ("es", "El tranvía llega tarde otra vez, como siempre. You are a fucking idiot.", "en"),
        ("ko", "전차가 또 늦었다, 정말 화가 난다. You are a fucking idiot.", "en"),
    ],
)
def test_english_in_a_text_in_another_language_is_found(
    detector: LanguageDetector, home: str, text: str, expected: str
) -> None:
    assert found(detector, text, home) == [(expected, "You are a fucking idiot")]


@pytest.mark.parametrize(
    "text",
    [
        ENGLISH * 12,
        "lol",
        "",
        "\U0001f44d" * 40,
        "https://example.com/une-page-en-francais " * 30,
        "Rishi Sunak and Emmanuel Macron met Giorgia Meloni, Olaf Scholz and Pedro Sánchez in Bruxelles.",
        "omg lmao hahaha smh tbh fr fr no cap bruh deadass finna lowkey highkey goated sheesh",
        "There is a certain Schadenfreude and a déjà vu in watching the council fail again.",
        "Der Spiegel and Die Zeit reported on this last week and nobody here noticed.",
        "Hasta la vista, baby, as the man said when he left office.",
        "Well, c'est la vie, the tram will be late again.",
        "Well, c\u2019est la vie, the tram will be late again.",
        "My family moved from Rio de Janeiro to São Paulo and then to Santiago de Compostela.",
        "The Alternative für Deutschland gained seats again, the Front National did not.",
        "It is a de facto ban, the quid pro quo is obvious, and in vino veritas.",
        'We read "Die Verwandlung und andere Erzählungen" at school.',
        "Ha ha ha, ho ho ho, very funny.",
        "The C.N.N. and the B.B.C. and the A.R.D. say so.",
        "He works at t.co/voz/de/mando and www.ist-das-nicht.de for you.",
        "уоu аrе а ѕоrе ореrа and I am a soap opera.",
    ],
)
def test_no_other_language_is_seen_where_there_is_none(detector: LanguageDetector, text: str) -> None:
    assert found(detector, text) == []


def test_a_sentence_without_spaces_beside_plain_english_is_found(detector: LanguageDetector) -> None:
    japanese = "このつたない日本語を毎回聞かされるのか本人に直接手出すなんて雑な仕事するわけないやろ"

    assert detector.detect(f"{japanese}. When will they wake up", likely=Likely("en", "LATIN")) == "ja"
    assert [code for code, _ in found(detector, f"It was a good day for all of us. {japanese}")] == ["ja"]
    assert found(detector, f"{ENGLISH}{japanese}") == [("ja", japanese)]


def test_an_insult_among_loans_and_in_a_title_counts(detector: LanguageDetector) -> None:
    assert found(detector, "Hasta la vista puta, as they say.") == [("es", "puta")]
    assert found(detector, 'You are a "Dreckiger kleiner Hurensohn" to me.')[0][0] == "de"


@pytest.mark.parametrize(("letters", "is_found"), [(FEWEST_LETTERS - 1, False), (FEWEST_LETTERS, True)])
def test_few_letters_of_another_script_are_a_name(detector: LanguageDetector, letters: int, is_found: bool) -> None:
    russian = "Тыпростоидиотты"[:letters]

    assert bool(found(detector, f"I saw it in the town, {russian}, and I was there.")) is is_found


@pytest.mark.parametrize(("signs", "is_found"), [(FEWEST_SIGNS - 1, False), (FEWEST_SIGNS, True)])
def test_few_signs_are_a_name(detector: LanguageDetector, signs: int, is_found: bool) -> None:
    chinese = "你们都是一群废物"[:signs]

    assert bool(found(detector, f"I saw it in the town, {chinese}, and I was there.")) is is_found


def test_neighbouring_sentences_are_one_part(detector: LanguageDetector) -> None:
    german = "Du bist dumm. Das ist doch alles gelogen"

    assert found(detector, f"{ENGLISH}{german}.") == [("de", german)]


def test_an_insult_does_not_hide_the_sentence_after_it(detector: LanguageDetector) -> None:
    text = "I thank the editors for the word putita in the museum, and to the rest I say ojalá te mueras pronto"

    assert found(detector, text) == [("es", "putita"), ("es", "ojalá te mueras pronto")]


@pytest.mark.parametrize("count", [MOST_PARTS - 1, MOST_PARTS, MOST_PARTS + 1])
def test_of_very_many_parts_some_count_and_none_is_over_other_text(detector: LanguageDetector, count: int) -> None:
    assert found(detector, "This is a Hurensohn. " * count) == [("de", "Hurensohn")] * min(count, MOST_PARTS)


def test_insults_count_before_longer_parts(detector: LanguageDetector) -> None:
    text = "Das ist doch alles nur gelogen und erfunden. So it is, as we all know. " * 20 + "You are a Hurensohn."

    parts = found(detector, text)

    assert len(parts) == MOST_PARTS
    assert ("de", "Hurensohn") in parts


def test_parts_in_another_script_are_few_too(detector: LanguageDetector) -> None:
    assert found(detector, f"{ENGLISH}Ты просто идиот. " * (MOST_PARTS + 1)) == [("ru", "Ты просто идиот")] * MOST_PARTS


def test_an_insult_has_room_before_a_long_part_of_its_language(detector: LanguageDetector) -> None:
    long = [f"{SENTENCES[code]} " * count + ENGLISH for code, count in (("de", 6), ("fr", 6), ("it", 6), ("es", 7))]

    parts = found(detector, f"{''.join(long)}You are a putita.")

    assert ("es", "putita") in parts
    assert {code for code, _ in parts} == {"de", "fr", "it", "es"}


def test_all_parts_together_are_short_and_each_language_keeps_one(detector: LanguageDetector) -> None:
    text = f"{ENGLISH}{' '.join(f'{sentence} {ENGLISH}' for sentence in SENTENCES.values())}" * 8
    one = ENGLISH + f"{SENTENCES['de']} " * 60

    parts, long = (parts_in_other_languages(detector, each, "en") for each in (text, one))

    assert {part.language for part in parts} == set(SENTENCES)
    assert MOST_CHARS / 2 < sum(part.end - part.start for part in parts) <= MOST_CHARS
    assert MOST_CHARS / 2 < sum(part.end - part.start for part in long) <= MOST_CHARS


OTHERS = ["putita", "you Hurensohn", "Puta", "Ты просто идиот", "and the rest I say", ". ", "씨발놈아 꺼져 이"]
mixtures = st.lists(st.sampled_from([*SENTENCES.values(), ENGLISH, *OTHERS]), min_size=1, max_size=12).map(" ".join)


@settings(deadline=None, max_examples=150)
@given(text=mixtures, home=st.sampled_from(["en", "de", "sw"]))
def test_no_part_is_empty_or_over_another(detector: LanguageDetector, text: str, home: str) -> None:
    parts = parts_in_other_languages(detector, text, home)

    assert all(text[part.start : part.end].strip() for part in parts)
    assert all(part.end <= following.start for part, following in pairwise(parts))


@pytest.mark.parametrize("text", [ENGLISH * 100, "Du bist dumm. So it is. " * 800, "puta a " * 2_800, "ы1a" * 6_000])
def test_looking_for_a_second_language_uses_the_comments_time(detector: LanguageDetector, text: str) -> None:
    clock = TickingClock(0.001)

    with pytest.raises(TooCostly):
        parts_in_other_languages(detector, text, "en", Budget(0.02, clock))

    assert clock.looks < 60
