"""Remarks about moderation and the site are found in each language, and remarks about the news are not."""

from __future__ import annotations

import pytest

from moderation.ground.errors import TooCostly
from moderation.judging.text.lists.shipped_lists import SECTIONS, shipped
from moderation.judging.text.reading import Reading
from moderation.judging.text.reading_budget import Budget
from moderation.judging.text.remarks import find_meta
from moderation.pipeline.arriving.comment_text import MAX_CHARS
from tests.ticking import TickingClock

ABOUT_THE_SITE = (
    ("en", "Why was my comment deleted? There was nothing rude in it."),
    ("en", "Moderator, wake up, this thread is full of bots."),
    ("en", "I'd love to read it, but this paper's paywall won't let me."),
    ("en", "Funny how the comments are always closed on stories like this one"),
    ("en", "That's it, I have cancelled my subscription after 22 years."),
    ("en", "Third time I post this, the moderators keep removing it."),
    ("de", "Warum habt ihr meinen Kommentar gelöscht?"),
    ("de", "Die Moderation schläft mal wieder."),
    ("de", "Mein Beitrag von heute Morgen ist immer noch nicht freigeschaltet."),
    ("de", "Schon wieder hinter der Bezahlschranke, vielen Dank."),
    ("fr", "Encore un commentaire supprimé sans explication, bravo."),
    ("fr", "Que fait la modération ?"),
    ("fr", "Pourquoi mes messages sont-ils toujours censurés ici ?"),
    ("es", "¿Por qué habéis eliminado mi comentario de ayer?"),
    ("es", "Los moderadores solo borran lo que no les gusta."),
    ("it", "Avete censurato il mio commento, complimenti."),
    ("it", "Ma i moderatori dove sono? Commenti così andrebbero cancellati."),
    ("pt", "Meu comentário sumiu de novo, que democracia."),
    ("pt", "Os moderadores apagaram tudo o que escrevi"),
    ("nl", "Waarom wordt mijn reactie steeds verwijderd?"),
    ("nl", "Beste redactie, die kop klopt van geen kant."),
    ("pl", "Znowu skasowaliście mój komentarz, brawo."),
    ("pl", "Moderator śpi, a trolle szaleją."),
    ("tr", "Yorumlarımı sürekli siliyorsunuz, bu mu özgürlük?"),
    ("tr", "Eleştiren her yorum sansürleniyor burada."),
    ("ro", "Mi-ați șters comentariul fără niciun motiv."),
    ("ro", "Iar a dispărut comentariul meu de azi dimineață."),
    ("ko", "왜 자꾸 내 댓글을 삭제하나요?"),
    ("ko", "댓글창 또 막아놨네"),
    ("ru", "Опять удалили мой комментарий, что там было не так?"),
)
ABOUT_THE_NEWS = (
    "The minister deleted the messages before the inquiry could read them.",
    "His comments about immigrants were out of line, and his party knows it. They removed nothing from the record.",
    "The moderator of the debate asked her one question in an hour.",
    "Censorship in Russia is nothing new.",
    "The site was closed and the chemicals removed.",
    "Der Moderator der Sendung hat ihn kein einziges Mal unterbrochen.",
    "Die Post hat das Paket verschwinden lassen.",
    "Le ministre a supprimé la prime sans prévenir.",
    "El ayuntamiento ha cerrado la biblioteca y eliminado las ayudas.",
    "Il commento del ministro non cambia niente. Hanno cancellato il treno delle sei.",
    "A prefeitura apagou as luzes da praça.",
    "De burgemeester heeft de fietsen laten verwijderen.",
    "Redakcja radia przeniosła się do Krakowa.",
    "Belediye ağaçları silip süpürdü.",
    "Primăria a șters datoriile firmei.",
    "정부가 기록을 삭제했다.",
)


@pytest.mark.parametrize(("language", "text"), ABOUT_THE_SITE)
def test_a_remark_about_moderation_or_the_site_is_found(language: str, text: str) -> None:
    assert language in shipped().remarks.by_language
    assert find_meta(Reading(text))


@pytest.mark.parametrize("text", ABOUT_THE_NEWS)
def test_a_remark_about_the_news_is_not(text: str) -> None:
    assert find_meta(Reading(text)) == ()


def test_the_place_is_the_stretch_from_the_one_word_to_the_other() -> None:
    text = "Well. Why has my last comment been removed? And this paywall!"

    assert [text[start:end] for start, end in find_meta(Reading(text))] == ["my last comment been removed", "paywall"]


def test_words_of_two_sentences_or_two_languages_are_no_pair() -> None:
    assert find_meta(Reading("I stand by my comment. They removed the benches.")) == ()
    assert find_meta(Reading("My comment is short. Gelöscht")) == ()
    assert find_meta(Reading("This comment was gelöscht")) == ()


def test_each_language_has_words_of_each_section_once() -> None:
    for own in shipped().remarks.by_language.values():
        for section in SECTIONS:
            assert own[section]
            assert len(own[section]) == len(set(own[section]))


@pytest.mark.parametrize("unit", ["my comment deleted ", "my comment ", "comment gelöscht, "])
def test_looking_for_them_ends_when_the_time_is_spent(unit: str) -> None:
    with Budget(0.02, TickingClock(0.001)) as budget, pytest.raises(TooCostly):
        find_meta(Reading((unit * MAX_CHARS)[:MAX_CHARS], budget))
