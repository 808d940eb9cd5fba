"""The words that the desk hides: insults and disguises that the evidence marks, wherever the text has them, and never a
word for a group, a name or an ordinary word."""

from __future__ import annotations

import pytest

from moderation.values.json_form import reason_to_json
from moderation.values.signals import Of, Span
from moderation.values.statuses import Action
from moderation.values.verdicts import Reason, ReasonCode
from service.desk.frame.texts import marking, masking
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast


def spans(text: str, *words: str) -> list[Span]:
    return [Span(text.index(word), text.index(word) + len(word)) for word in words]


def hidden(text: str, *evidence: str) -> list[str]:
    marks = [(span, True) for span in masking.hidden(text, spans(text, *evidence))]
    return [text[start:end] for start, end, _ in marking._runs(marks, len(text))]


@pytest.mark.parametrize(
    ("text", "evidence", "expected"),
    [
        ("That woman is an idiot.", ("woman", "idiot"), ["idiot"]),
        ("A black woman and her gays, muslims, CHRISTIANS.", ("black woman", "gays", "muslims", "CHRISTIANS"), []),
        ("Die Juden und die Türken sind schuld.", ("Juden", "Türken"), []),
        ("You're wrong, and don't come back.", ("You're", "don't"), []),
        ("I say that Okafor lies about the platform.", ("Okafor", "platform"), []),
        ("Burn the house of that woman.", ("Burn", "house", "woman"), []),
        ("You pathetic moron.", ("pathetic moron",), ["pathetic", "moron"]),
        ("He is washed-up and half-brained.", ("washed-up",), []),
        ("only an 1d10t would", ("1d10t",), ["1d10t"]),
        ("reff is a lllooooser", ("lllooooser",), ["lllooooser"]),
        ("a bunch of m o r o n s again", ("m o r o n s",), ["m o r o n s"]),
        ("the mayor is a lіаr", ("lіаr",), ["lіаr"]),  # with Cyrillic letters
        ("every st*pid f*ol", ("st*pid", "f*ol"), ["st*pid", "f*ol"]),
        ("Idiots! He called us idiots.", ("Idiots",), ["Idiots", "idiots"]),
        ("An idiot. What an Idiot, you 1diot, i d i o t!", ("idiot",), ["idiot", "Idiot", "1diot", "i d i o t"]),
        ("It costs 300 and 20 %.", ("300", "20 %"), []),
        ("The fucking tram. FUCK it, f u c k it.", (), ["fucking", "FUCK", "f u c k"]),
        ("So ein Judenpack, und drecks-arab.", (), ["Judenpack"]),
        ("A woman from Scunthorpe, a gay man and a Jew.", ("woman", "gay", "Jew"), []),
    ],
)
def test_what_is_hidden_of_the_evidence(text: str, evidence: tuple[str, ...], expected: list[str]) -> None:
    assert hidden(text, *evidence) == expected


def test_a_sentence_of_evidence_is_not_hidden() -> None:
    text = "Nobody in this whole town has ever met a bigger idiot than the man in the hall."

    assert hidden(text, text) == []


def rule(signal: str, text: str, *words: str) -> Reason:
    return Reason(ReasonCode.RULE, Action.FLAG, signal, 0.9, 0.8, "at_least", evidence=tuple(spans(text, *words)))


def marked(text: str, *reasons: Reason, own: bool) -> list[str]:
    forms = tuple(reason_to_json(reason) for reason in reasons)
    parts = [part for reason in reasons for part in reason.looked_at]
    marks = [*marking._shown(text, parts)] if own else [*marking.masked(text, forms)]
    return [text[start:end] for start, end, _ in marking._runs(marks, len(text))]


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

    assert marking._runs(marks, 12) == [(0, 4, False), (4, 8, True), (8, 12, False)]


LONG = "The crane is fine. " * 60


def test_a_long_comment_says_how_many_marks_it_has_and_leads_to_each(cast: Cast, ana: Browser) -> None:
    long = cast.flagged(f"You fool. {LONG} Rascals! {LONG} And again: fool.", evidence=("fool", "Rascals"))
    short = cast.flagged("You fool.", evidence=("fool",), scores={"toxicity": 0.85})

    page = ana.get(f"/desk/review/{long.id}")

    assert page.region("Marks in the comment").startswith("3 marks: 1 2 3")
    addresses = [str(link["href"]) for link in page.html.select(".marks a")]
    assert addresses == [f"#{mark['id']}" for mark in page.html.select("#comment > .text mark")]
    assert not ana.get(f"/desk/review/{short.id}").html.select(".marks")


def test_names_that_are_only_heard_leave_hidden_words_out(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged("You fool, you.", author="Mira", evidence=("fool",))
    other = cast.flagged("Another fool.", evidence=("fool",), scores={"toxicity": 0.85})

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
        assert not [words for words in heard if "fool" in words]
