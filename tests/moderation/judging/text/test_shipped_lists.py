"""The word lists that come with Gavel: each file can be read, and innocent words of seventeen languages are in none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from moderation.judging.text.lists.listed_words import find_words, is_searchable
from moderation.judging.text.lists.shipped_lists import FOLDER, ListKind, entries, in_language
from moderation.judging.text.reading import Reading
from moderation.judging.text.word_lists import sections

LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.txt"))


def found(text: str, *kinds: ListKind) -> list[str]:
    return [text[start:end] for start, end in Reading(text).uses_of(entries(*kinds))]


def test_seventeen_languages_have_a_list() -> None:
    assert " ".join(LANGUAGES) == "ar da de en es fi fr it ko nl no pl pt ro ru sv tr"


@pytest.mark.parametrize("code", LANGUAGES)
def test_each_entry_is_one_that_a_site_could_list_and_finds_itself(code: str) -> None:
    sections = in_language(code)

    assert all(len(sections[kind]) >= 10 for kind in ListKind)
    for entry in [entry for kind in ListKind for entry in sections[kind]]:
        stem = entry.removesuffix("*")
        assert entry == entry.strip() and re.fullmatch(r"[^*|\[\]]+", stem), entry
        assert is_searchable(stem), entry
        assert find_words(f"– {stem} –", (entry,)) == ((2, 2 + len(stem)),), entry


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_entry_is_listed_twice_or_as_both_kinds(code: str) -> None:
    sections = in_language(code)
    every = [entry for kind in ListKind for entry in sections[kind]]

    assert len(every) == len(set(every))


@pytest.mark.parametrize(
    "text",
    [
        "Scunthorpe, Penistone and Lightwater sent their assassins to the cockpit classics in Essex.",
        "Mrs Hancock and Dick Whittington passed the shiitake, the grape juice and the titmouse to Niger and Nigeria.",
        "Die dicke Luft im Fickel, der Arzt hört zu; Hören und Pute, dick und fett. Vögel fliegen.",
        "Kvinnan hade slut på tid och fick en bra stund; klockan är slut.",
        "Faget er dansk, og en fagforening har fag; lærer i fysik.",
        "Il fut député; le retard du train, la bite d'amarrage, la pédale de frein.",
        "A hora da reunião é às nove horas; a bicha do banco.",
        "Dva puta sam rekao. Put u Pulu. Curva periculosa, la curva de la carretera.",
        "Saya suka hujan. Makan siang di Kutai.",
        "Ik wil een huis huren en een kussen kopen; kanker is een ziekte.",
        "Opiskelen AMK:ssa, valmistun syksyllä. Hän asuu Kuopiossa.",
        "FDP und CDU verhandeln; die AMK tagt. Ass im Ärmel.",
        "Żółtka oddziel od białek. Pedał hamulca był zepsuty, pedały też.",
        "Хохлов и Жидков приехали в Нигер. Мандат депутата, хлеб и хлебушек, оскорблять нельзя, застрахуй дом.",
        "Spor salonu açıldı, göl kenarı, amca geldi, sıkıntı yok, piknik.",
        "보지 않고 자지도 않았다. 시발점에서 다시 시작한 5개년 계획.",
        "نيكول كيدمان ممثلة، وخوّل الرئيس الوزير صلاحيات. كسر الباب وكسب المال.",
        "Giovanni Verga scrisse romanzi. La nebbia fitta copre Troia. Finocchi e torroni.",
        "Kike Sánchez y Moro hablaron con Chino; la marica no canta. El cono y el coñac.",
        "Spic and span; a chink in the armour; the Maine coon; spotted dyke; wet back door.",
    ],
)
def test_innocent_words_and_names_are_in_no_list(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("What the FUCKING hell", "FUCKING"),
        ("f u c k this", "f u c k"),
        ("you fuuuuuck", "fuuuuuck"),
        ("so ein Ar5chl0ch", "Ar5chl0ch"),
        ("ein Arschloch!", "Arschloch"),
        ("Vaffanculo a tutti", "Vaffanculo"),
        ("kurwa mać", "kurwa"),
        ("иди нахуй", "нахуй"),
        ("씨발놈들아", "씨발놈들아"),
        ("un hijo de puta", "hijo de puta"),
    ],
)
def test_obscene_words_are_found_through_disguises(text: str, word: str) -> None:
    assert found(text, ListKind.OBSCENE) == [word]
    assert found(text, ListKind.SLURS) == []


def test_a_slur_is_of_its_own_kind_only() -> None:
    assert found("these wetbacks", ListKind.SLURS) == ["wetbacks"]
    assert found("these wetbacks", ListKind.OBSCENE) == []
    assert found("these fucking wetbacks") == ["fucking", "wetbacks"]


def test_both_kinds_are_read_where_none_is_named() -> None:
    assert set(entries()) == {*entries(ListKind.SLURS), *entries(ListKind.OBSCENE)}


def test_a_line_above_the_first_heading_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "xx.txt"
    file.write_text("# a comment\nfool\n[slurs]\nclown\n", encoding="utf-8")

    with pytest.raises(ValueError, match=r"^xx\.txt has a line above its first heading: fool$"):
        sections(file)


def test_sections_are_read_by_their_headings_and_without_comments(tmp_path: Path) -> None:
    file = tmp_path / "xx.txt"
    file.write_text("[slurs]\nclown\n\n# one more\nfool\n[none]\n[slurs]\nass\n", encoding="utf-8")

    assert sections(file) == {"slurs": ["clown", "fool", "ass"], "none": []}
