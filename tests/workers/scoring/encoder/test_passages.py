"""Articles are cut without losing a word, and only real reactions are too short to judge."""

from __future__ import annotations

from itertools import pairwise
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.ground.values.signals import Of
from workers.scoring.encoder.passages import (
    LONGEST_PASSAGE_CHARS,
    MAX_PASSAGES,
    content_words,
    is_reaction,
    passages_of,
    runs,
    shared_words,
)


@given(text=st.text(max_size=400), size=st.integers(10, 100))
def test_runs_cover_the_text_in_order_and_stay_short(text: str, size: int) -> None:
    found = list(runs(text, size))

    assert "".join(text[a:b] for a, b in found) == text
    assert all(b - a <= 2 * size for a, b in found)


def test_the_title_comes_first_and_every_passage_knows_its_place() -> None:
    text = "The minister spoke on Monday. " * 40

    found = passages_of("A speech", text)

    assert (found[0].of, found[0].text) == (Of.TITLE, "A speech")
    assert all(p.of is Of.ARTICLE and text[p.start : p.end] == p.text for p in found[1:])


def test_the_summary_stands_between_title_and_text_with_places_of_its_own() -> None:
    summary, text = "The minister spoke. Few listened.", "It was Monday."

    found = passages_of("A speech", text, summary)

    assert [p.of for p in found] == [Of.TITLE, Of.SUMMARY, Of.ARTICLE]
    assert summary[found[1].start : found[1].end] == found[1].text == summary
    assert (found[2].start, found[2].end) == (0, len(text))


def test_a_long_article_is_cut_coarser_and_not_shorter() -> None:
    text = "The minister spoke on Monday. " * 280

    found = passages_of(None, text)

    assert len(found) <= MAX_PASSAGES
    assert "".join(passage.text for passage in found) == text


def test_of_a_very_long_article_there_is_a_sample_from_its_beginning_to_its_end() -> None:
    text = "The minister spoke on Monday. " * 4000

    found = passages_of(None, text)

    assert len(found) == MAX_PASSAGES
    assert all(len(passage.text) <= LONGEST_PASSAGE_CHARS for passage in found)
    assert (found[0].start, found[-1].end) == (0, len(text))
    gaps = {b.start - a.end for a, b in pairwise(found)}
    assert max(gaps) - min(gaps) <= LONGEST_PASSAGE_CHARS


@pytest.mark.parametrize(("title", "text"), [(None, None), ("", ""), ("  ", "\n")])
def test_no_text_has_no_passages(title: str | None, text: str | None) -> None:
    assert passages_of(title, text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "lol",
        "Great article, thanks!",
        "👍",
        "Good morning everyone",
        "So true.",
        "I agree",
        "Exactly this",
        "???",
        "wow",
    ],
)
def test_reactions_are_too_short_to_be_on_or_off_topic(text: str) -> None:
    assert is_reaction(text)


@pytest.mark.parametrize(
    "text",
    [
        "Trams are cheaper than buses.",
        "I agree with the mayor about the harbour tunnel",
        "Buy cheap watches at my shop",
        "Who pays for the lithium mine?",
    ],
)
def test_a_short_statement_can_be_judged(text: str) -> None:
    assert not is_reaction(text)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Sehr guter Artikel, danke!"),
        ("de", "Das ist doch Quatsch."),
        ("es", "Muy buen artículo, muchas gracias"),
        ("fr", "Merci pour ce bel article"),
        ("it", "Complimenti, bellissimo articolo!"),
        ("ko", "좋은 기사 감사합니다 ㅋㅋ"),
        ("nl", "Heel goed artikel, bedankt"),
        ("pl", "Świetny artykuł, dziękuję!"),
        ("pt", "Parabéns pelo artigo, muito bom"),
        ("ro", "Foarte bun articol, mulțumesc"),
        ("tr", "Harika yazı, teşekkürler"),
        ("vi", "Bài viết rất hay, cảm ơn"),
        ("tr", "HARİKA YAZI, TEŞEKKÜRLER"),
        ("tr", "ELİNİZE SAĞLIK"),
        ("ro", "Foarte bun, mulţumesc"),
        ("fr", normalize("NFD", "Félicitations, très intéressant !")),
        ("ko", normalize("NFD", "공감합니다 감사합니다")),
        ("ko", "ㅋㅋㅋㅋㅋㅋㅋㅋㅋ ㅎㅎㅎㅎㅎㅎ ㅠㅠㅠㅠㅠㅠㅠ"),
    ],
)
def test_reactions_in_other_languages_need_weights_that_know_these(language: str, text: str) -> None:
    assert is_reaction(text, (language,))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Die Bahn ist wieder zu spät."),
        ("es", "El tren llega siempre con retraso"),
        ("fr", "Mon train est encore en retard"),
        ("it", "Il treno arriva sempre in ritardo"),
        ("ko", "기차는 또 늦게 도착했고 요금은 올랐다"),
        ("nl", "De trein rijdt weer eens niet"),
        ("pl", "Pociąg znowu spóźniony o godzinę"),
        ("pt", "O comboio chega sempre atrasado"),
        ("ro", "Trenul întârzie din nou o oră"),
        ("tr", "Tren bugün de bir saat gecikti"),
        ("vi", "Tàu hỏa lại trễ một tiếng rồi"),
        ("en", "The war is about care for women and men"),
        ("it", "Il mare è sempre più inquinato"),
        ("tr", "Para yok, su da çok pahalı oldu"),
        ("pl", "Ten las jest piękny i jest dla ludzi"),
        ("es", "El cine está muriendo entre nosotros"),
        ("de", "Der Tod der Frau war vermeidbar"),
        ("de", "Recht und Wahrheit sind nicht das gleiche"),
        ("fr", "Cet accord avec le Mercosur est une erreur"),
        ("pl", "Minister zdrowia kłamie w sprawie szpitala"),
        ("tr", "Sağlık sistemi tamamen çöktü artık"),
        ("ko", "택시 기사 폭행"),
        ("ko", "국민연금 개혁 반대"),
        ("vi", "Chính phủ nói dối"),
        ("vi", "Xuất khẩu giảm mạnh"),
    ],
)
def test_a_short_statement_in_another_language_can_be_judged(language: str, text: str) -> None:
    assert not is_reaction(text, (language,))


def test_function_words_of_all_the_languages_are_no_topic() -> None:
    text = "Die Straßenbahn fährt nicht vor dem Hafen"

    assert "die" in content_words(text)
    assert content_words(text, ("en", "de")) == {"straßenbahn", "fährt", "hafen"}


def test_words_are_shared_whatever_their_ending() -> None:
    article = content_words("The mines export minerals and mined ores")

    assert shared_words("mining exports", article) == 1.0
    assert shared_words("cats sleeping", article) == 0.0
    assert shared_words("and the", article) == 0.0
