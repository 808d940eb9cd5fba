"""Texts that many readers write alike in good faith are known as such, and advertisements are not."""

from __future__ import annotations

import time

import pytest

from moderation.judging.text.innocent import PETITION, QUOTES, WISH, innocence
from moderation.judging.text.reading import Reading

TITLE = "Council votes to keep the harbour ferry running through the winter"
ARTICLE = (
    "The council voted on Monday to keep the ferry running from November to March. Commuters on the north shore had "
    "asked for it for years. The mayor said that the city would pay for the fuel, and that fares would stay the same."
)
SOURCES = (TITLE, None, ARTICLE, None)


@pytest.mark.parametrize(
    "text",
    [
        TITLE,
        f"“{TITLE}” - about time!",
        "> The mayor said that the city would pay for the fuel, and that fares would stay the same.\nGood luck.",
        TITLE.upper(),
    ],
)
def test_a_passage_of_the_article_is_innocent(text: str) -> None:
    assert innocence(Reading(text), SOURCES) == QUOTES


@pytest.mark.parametrize(
    "text",
    [
        "Rest in peace dear John, my deepest condolences to your family and friends",
        "RIP. Sending thoughts and prayers to his wonderful family at this sad time",
        "Ruhe in Frieden, Herr Schmidt. Mein herzliches Beileid an die Familie und alle Angehörigen, viel Kraft",
        "Repose en paix Monsieur Martin, toutes mes condoléances à la famille et aux proches",
        "Descanse en paz, mi más sentido pésame a toda su familia y amigos",
        "Riposa in pace, sentite condoglianze a tutta la famiglia",
        "Descanse em paz, meus sentimentos a toda a família e aos amigos",
        "Gecondoleerd, veel sterkte voor de familie en nabestaanden, rust zacht",
        "Spoczywaj w pokoju, wyrazy współczucia dla rodziny",
        "Allah rahmet eylesin, mekanı cennet olsun, ailesine sabır",
        "Светлая память, искренние соболезнования родным и близким",
        "Turut berduka cita, semoga keluarga yang ketabahan untuk keluarganya",
    ],
)
def test_a_wish_is_innocent(text: str) -> None:
    assert innocence(Reading(text), SOURCES) == WISH


@pytest.mark.parametrize(
    "text",
    [
        "Please sign the petition to keep our library open, every signature helps us before the vote on Friday",
        "Save the old crane! 4,000 have signed already: https://www.change.org/p/save-the-crane",
        "Bitte unterschreibt alle die Petition gegen die Schließung der Schule am Markt",
        "Merci de signer la pétition contre la fermeture de l'école du centre",
        "Подпишите петицию против закрытия школы в центре города",
    ],
)
def test_a_petition_is_innocent(text: str) -> None:
    assert innocence(Reading(text), SOURCES) == PETITION


@pytest.mark.parametrize(
    "text",
    [
        "Read this before they delete it: the mayor has sold the harbour to his own brother for one euro and a boat",
        "My broker made me 4,000 euros in a week, rest in peace my day job, ask Anna how it works and thank me later",
        f"{TITLE} https://cheap-tickets.example/ferry",
        "Rest in peace. My condolences to the family. Cheap flowers at https://flowers.example",
        "Sign the petition and win a new telephone: https://prizes.example/petition",
        "I sign every letter that I write to this newspaper, and nobody there has ever answered one of them",
        "",
    ],
)
def test_other_texts_are_not(text: str) -> None:
    assert innocence(Reading(text), SOURCES) == ""


def test_the_longest_article_is_read_within_the_time_of_a_comment() -> None:
    """Once: later copies find its runs kept."""
    words = [f"word{number % 7_000}" for number in range(25_000)]
    started = time.thread_time()

    innocence(
        Reading("Read this before they delete it: the mayor has sold the harbour"), (None, None, " ".join(words), None)
    )

    assert time.thread_time() - started < 0.2  # a slow machine; 30 ms on a fast one
