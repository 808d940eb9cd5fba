"""The words that the desk hides: those of lists, in their language and in disguise, and nothing that a model marks."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from moderation.ground.values.json_form import reason_to_json
from moderation.ground.values.signals import Of, Span
from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import Reason, ReasonCode
from moderation.judging.text.lists.listed_words import find_words
from moderation.judging.text.reading import Reading
from moderation.judging.text.reading_budget import UNLIMITED
from service.desk.frame.texts import marking, masking, starred
from service.desk.frame.texts.marking import Marks
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast
from tests.steps import calls, distinct


def spans(text: str, *words: str) -> list[Span]:
    return [Span(text.index(word), text.index(word) + len(word)) for word in words]


def hidden(text: str) -> list[str]:
    return [text[span.start : span.end] for span in masking.hidden(text, UNLIMITED)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The nigga, the coon, a spic and a paki.", ["nigga", "coon", "spic", "paki"]),
        ("Every fag, dyke, tranny and retard.", ["fag", "dyke", "tranny", "retard"]),
        ("You slut, full of shit, bullshit, my ass.", ["slut", "shit", "bullshit", "ass"]),
        ("He is a dick, a cock and a prick.", ["dick", "cock", "prick"]),
        ("Putain, quel connard, va te faire foutre.", ["Putain", "connard", "va te faire foutre"]),
        ("Il est con, ton chef, et c'est le bordel dans son cul.", ["est con", "cul"]),
        ("So ein Judenpack, und verpisst euch, ihr Arschlöcher.", ["Judenpack", "verpisst", "Arschlöcher"]),
        ("Es una mierda y tú eres un puto pendejo.", ["una mierda", "puto", "pendejo"]),
        ("Eres un capullo, menudo capullo. El capullo de seda.", ["Eres un capullo", "menudo capullo"]),
        ("Die Hure Babylon reitet auf dem Tier.", []),
        ("Che cazzo dici, sei uno stronzo, e va in culo.", ["Che cazzo", "stronzo", "in culo"]),
        ("Het is een kutwijf en een lul.", ["kutwijf", "lul"]),
        ("Nie pierdol, to jest gówno.", ["pierdol", "gówno"]),
        ("Isso é uma merda do caralho.", ["merda", "caralho"]),
        ("f*** you and your f*cking sh*t, b****.", ["f***", "f*cking", "sh*t", "b****"]),
        ("s*h*i*t, sh1t, $hit, f u c k, a s s, a$$hole", ["s*h*i*t", "sh1t", "$hit", "f u c k", "a s s", "a$$hole"]),
        ("c#nt, f--k, n*gger, a**hole, sch*ße, p*ta", ["c#nt", "f--k", "n*gger", "a**hole", "sch*ße", "p*ta"]),
        ("You Dick. What a Dick! DICK!", ["Dick", "Dick", "DICK"]),
        ("The fucking tram. FUCK it, fuuuuck.", ["fucking", "FUCK", "fuuuuck"]),
        ("An idiot, a fool, a liar, a thug and a Nazi.", []),
        ("A black woman and her gays, muslims, CHRISTIANS. Die Juden und die Türken.", []),
        ("He has a small circle*, see 2*x*y; put* it on #1.", []),
    ],
)
def test_listed_words_are_hidden_whole_in_their_language_and_in_disguise(text: str, expected: list[str]) -> None:
    assert hidden(text) == expected


HIDDEN, HARMLESS = 139, 123
"""At least so many comments of ``masked_by_hand.txt`` of 146 with words to hide, and of 129 with harmless ones such as
*the cock crowed*. Of the last 142, on which nothing was tried, 66 of 72 and 64 of 70 are right."""


def as_by_hand(line: str) -> tuple[bool, bool]:
    """Whether the line has words to hide, and whether the desk hides all of them, or else nothing."""
    text, wanted = "", set[int]()
    for at, part in enumerate(re.split(r"[\[\]]", line)):
        wanted |= {len(text) + place for place, sign in enumerate(part) if at % 2 and sign.isalnum()}
        text += part
    found = {at for span in masking.hidden(text, UNLIMITED) for at in range(span.start, span.end)}
    return bool(wanted), wanted <= found if wanted else not found


def test_most_words_are_hidden_as_by_hand_and_harmless_ones_stay() -> None:
    lines = Path(__file__).with_name("masked_by_hand.txt").read_text().splitlines()[1:]
    judged = Counter(map(as_by_hand, lines))

    assert (judged[True, True] + judged[True, False], judged[False, True] + judged[False, False]) == (146, 129)
    assert judged[True, True] >= HIDDEN and judged[False, True] >= HARMLESS, judged


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The cock crowed.", []),
        ("You cock, the cock crowed.", ["cock"]),
        ("The cock crowed. What a cock.", ["cock"]),
        ("Kiss my ass, donkey.", ["Kiss my ass"]),
        ("The ass is a donkey.", []),
        ("The bloody ass at the town hall.", ["ass"]),
    ],
)
def test_a_word_is_harmless_in_a_sentence_that_says_so(text: str, expected: list[str]) -> None:
    assert hidden(text) == expected


def test_a_respelled_word_is_hidden_in_english_alone() -> None:
    assert hidden("The kunts at the council and the phaggots.") == ["kunts", "phaggots"]
    assert hidden("Als je dat wilt, dan kunt u het ook zelf doen.") == []


@pytest.mark.parametrize("language", masking.languages())
def test_each_listed_word_is_found_where_its_language_is_spoken(language: str) -> None:
    known = masking.known().by_language[language]
    every = [*known.anywhere, *known.own, *known.names]

    assert known.anywhere and len(every) == len(set(every))
    for word in known.anywhere:
        stem = word.removesuffix("*")
        assert masking.hidden(f"– {stem} –", UNLIMITED), word


def test_each_innocent_phrase_spares_a_word_that_is_hidden_otherwise() -> None:
    phrases = [
        (phrase, language)
        for language in masking.languages()
        for phrase in masking.known().by_language[language].innocent
    ]

    for phrase, language in phrases:
        known = masking.known().by_language[language]
        assert find_words(phrase, (*masking.known().anywhere, *known.own, *known.names)), phrase
        assert masking.hidden(f"– {phrase.removesuffix('*')} –", UNLIMITED) == [], phrase


def test_what_a_model_marks_stays_visible() -> None:
    text = "The muffin of Okafor is foggy."
    harmful = rule("toxicity", text, "muffin", "Okafor", "foggy")

    assert marked(text, harmful, own=False) == []
    assert marked(text, harmful, own=True) == ["muffin", "Okafor", "foggy"]


def rule(signal: str, text: str, *words: str) -> Reason:
    return Reason(ReasonCode.RULE, Action.FLAG, signal, 0.9, 0.8, "at_least", evidence=tuple(spans(text, *words)))


def marked(text: str, *reasons: Reason, own: bool) -> list[str]:
    forms = tuple(reason_to_json(reason) for reason in reasons)
    parts = [part for reason in reasons for part in reason.looked_at]
    marks = [*marking._shown(text, parts)] if own else [*marking.masked(text, forms).places]
    return [text[start:end] for start, end, _ in marking._runs(marks, text)]


def test_a_sites_own_words_are_hidden_though_they_are_ordinary() -> None:
    text = "The best casino in town."

    assert marked(text, rule("words.banned", text, "casino"), own=False) == ["casino"]


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("Bring back the gardening page, please, and tell me more.", ("gardening page",), ["gardening page"]),
        ("My cat had four kittens on Sunday.", ("cat had four kittens on Sunday",), []),  # half a sentence
        ("My cat had kittens.", ("cat", "kittens"), []),  # nearly all
    ],
)
def test_topic_marks_are_in_the_comment_itself_where_they_say_something(
    text: str, words: tuple[str, ...], expected: list[str]
) -> None:
    off_topic = rule("relevance", text, *words)

    assert marked(text, off_topic, own=True) == expected
    assert marked(text, off_topic, own=False) == []


def test_a_passage_of_the_article_is_no_mark_in_the_comment() -> None:
    passage = Reason(ReasonCode.RULE, Action.FLAG, "relevance", evidence=(Span(0, 3, of=Of.ARTICLE, quote="The"),))

    assert marked("My cat.", passage, own=True) == []


def test_a_masked_word_cuts_the_mark_that_lies_around_it() -> None:
    marks = [(Span(0, 20), False), (Span(4, 8), True)]

    assert marking._runs(marks, "a" * 12) == [(0, 4, False), (4, 8, True), (8, 12, False)]


def test_marks_of_words_side_by_side_are_one_with_the_space_between() -> None:
    text = "you pathetic  moron, fool"
    marks = Marks([(span, False) for span in spans(text, "pathetic", "moron", "fool")])

    assert marking.mark(text, marks) == "you <mark>pathetic  moron</mark>, <mark>fool</mark>"


LONG = "The crane is fine. " * 60


def test_a_long_comment_says_how_many_marks_it_has_and_leads_to_each(cast: Cast, ana: Browser) -> None:
    long = cast.flagged(f"You fool. {LONG} Rascals! {LONG} And again.", evidence=("fool", "Rascals"))
    short = cast.flagged("You fool.", evidence=("fool",), scores={"toxicity": 0.85})

    page = ana.get(f"/desk/review/{long.id}")

    assert page.region("Marks in the comment").startswith("2 marks: 1 2")
    addresses = [str(link["href"]) for link in page.html.select(".marks a")]
    assert addresses == [f"#{mark['id']}" for mark in page.html.select("#comment > .text mark")]
    assert not ana.get(f"/desk/review/{short.id}").html.select(".marks")


def test_names_that_are_only_heard_leave_hidden_words_out(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged("You wanker, you.", author="Mira")
    other = cast.flagged("Another wanker.", scores={"toxicity": 0.85})

    queue = ana.get(f"/desk/review/{comment.id}")
    ana.get(f"/desk/review/{other.id}").press("Reject")
    history, found = ana.get("/desk/history"), ana.get("/desk/search", q="you")

    said = [" ".join(tag.get_text(" ").split()) for tag in queue.html.select(".tick-box .said")]
    assert "Select Mira: You (hidden word), you." in said
    assert "Undo : rejected, Another (hidden word)." in [
        b.get_text(" ", strip=True) for b in history.html.select("button")
    ]
    for page in (queue, history, found):
        heard = [tag.get_text() for tag in page.html.select(".said")]
        heard += [str(tag[name]) for name in ("aria-label", "title") for tag in page.html.select(f"[{name}]")]
        assert not [words for words in heard if "wanker" in words]


@pytest.mark.parametrize(
    "text",
    [
        distinct("{}*{}{}e"),
        distinct("s{}*{}{}"),
        distinct("{}{}{}*#"),
        distinct("f{}-{}{}k"),
        "cunt. " * 3_300,
        "cum-ex cunt " * 1_600,
        "Dick. He is a Dick. " * 1_000,
    ],
    ids=lambda text: text[:12],
)
def test_hiding_words_takes_steps_in_proportion_to_the_text(text: str) -> None:
    masking.hidden("so that all lists are read", UNLIMITED)
    part = text[: len(text) // 8]

    few, many = (calls(lambda said=said: masking.hidden(said, UNLIMITED)) for said in (part, text))  # type: ignore[misc]

    assert many < 16 * few  # of eight times the text; some words come from memory
    assert many < 50 * len(text)


def test_a_word_behind_stars_is_compared_with_few_of_the_lists() -> None:
    text = distinct("{}*{}{}e*")
    copy = Reading(text, UNLIMITED).searched

    assert calls(lambda: list(starred.places(copy, masking.known().single, UNLIMITED))) < 20 * len(text)


def test_marks_on_marks_take_steps_in_proportion_to_their_number() -> None:
    text = "ab " * 6_000
    places = [(Span(at, at + 2), at % 2 == 0) for at in range(0, 18_000, 3)]
    around = [(Span(at, at + 300), False) for at in range(0, 18_000, 350)]

    few = calls(lambda: marking._runs([*places[:600], *around[:5]], text))
    many = calls(lambda: marking._runs([*places, *around], text))

    assert many < 16 * few  # of eight times the text; some words come from memory
