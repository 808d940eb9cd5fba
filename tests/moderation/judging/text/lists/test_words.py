"""Listed words are found through disguises, and innocent words are left alone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from time import thread_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.judging.text.lists import listed_words as module
from moderation.judging.text.lists import remembered
from moderation.judging.text.lists.listed_words import find_words
from moderation.judging.text.lists.prepared_list import Literals

ZERO_WIDTH = "\u200b"
SOFT_HYPHEN = "\u00ad"


def found(text: str, *listed: str) -> list[str]:
    return [text[start:end] for start, end in find_words(text, listed)]


@pytest.mark.parametrize(
    "disguised",
    [
        "idiot",
        "IDIOT",
        "Idiot",
        "ｉｄｉｏｔ",
        "𝐢𝐝𝐢𝐨𝐭",
        f"id{ZERO_WIDTH}iot",
        f"idi{SOFT_HYPHEN}ot",
        "i\u0336d\u0336i\u0336o\u0336t\u0336",
        "іdіоt",  # Cyrillic і and о
        "1d10t",
        "id!ot",
        "idi0t",
        "idiooooot",
        "iiidddiiiooottt",
        "i d i o t",
        "i.d.i.o.t",
        "i-d-i-o-t",
    ],
)
def test_a_word_is_found_through_its_disguise(disguised: str) -> None:
    assert found(f"what an {disguised}, really", "idiot") == [disguised]


@pytest.mark.parametrize(
    "text",
    [
        "idiot",
        "idiot!",
        "(idiot)",
        "_idiot_",
        "wow!!!idiot",
        "idiot's",
        "an idiot.",
        "«idiot»",
        "idiot/fool",
        "$idiot",
        "idiot!!!",
    ],
)
def test_signs_around_a_word_do_not_hide_it(text: str) -> None:
    assert found(text, "idiot") == ["idiot"]


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("Scunthorpe United won", "cunt"),
        ("a classic assumption on bass", "ass"),
        ("the title of a competition", "tit"),
        ("Essex and Middlesex", "sex"),
        ("idiots", "idiot"),
        ("an oxymoron", "moron*"),
        ("good food", "god"),  # two letters are no stretch
        ("chess", "chesss"),
        ("the A55 at 455 Main Street, $55", "ass"),  # numbers and prices are no letters in disguise
        ("B52 and A7", "bsz"),
        ("it is 1,000 m", "loo"),
        ("in the year 1007", "loot"),
        ("as soon", "ass"),
        ("a man is a man", "aman"),
        ("I a m", "iam"),
    ],
)
def test_an_innocent_word_is_left_alone(text: str, listed: str) -> None:
    assert found(text, listed) == []


@pytest.mark.parametrize("listed", ["$$$", "c++", "🖕", "傻瓜", "โง่"])
def test_signs_and_scripts_without_spaces_are_found_everywhere(listed: str) -> None:
    text = f"x{listed}y"

    assert found(text, listed) == [listed]
    assert found("s c a", listed) == []


def test_vowel_signs_belong_to_their_word() -> None:
    assert found("वह मूर्ख है", "मूर्ख") == ["मूर्ख"]
    assert found("वह मूर्खता है", "मूर्ख") == []


@pytest.mark.parametrize(("text", "matches"), [("morons", ["morons"]), ("MORONIC", ["MORONIC"]), ("moron", ["moron"])])
def test_a_star_stands_for_any_ending(text: str, matches: list[str]) -> None:
    assert found(text, "moron*") == matches


def test_endings_are_open_for_entries_of_any_length() -> None:
    listed = ("mor*", "morons*", "idio*", "x*")

    assert found("morale, idiocy, xenon, m0ronic, idi", *listed) == ["morale", "idiocy", "xenon", "m0ronic"]
    assert found("iiidiocy", "morons*", "idiocy*") == ["iiidiocy"]


class TestPhrases:
    @pytest.mark.parametrize(
        "text", ["shut up", "Shut  UP", "shut-up", "shut, up", "shuuut up", "$hut up", "ｓｈｕｔ up"]
    )
    def test_a_phrase_is_found_with_what_people_put_between_its_words(self, text: str) -> None:
        assert found(f"oh {text} you", "shut up") == [text]

    @pytest.mark.parametrize(
        "text",
        ["The door was shut. Up we went", "shut\nup", "shut the door up", "shut upwards", "shut", "shut ----- up"],
    )
    def test_a_phrase_is_not_put_together_from_apart(self, text: str) -> None:
        assert found(text, "shut up") == []

    def test_its_last_word_may_be_open(self) -> None:
        assert found("go jump in the lakes", "jump in the lake*") == ["jump in the lakes"]

    @pytest.mark.parametrize(
        "text", ["end my $ubscripti0n", "end my subscriptioooon", "END MY SUBSCRIPTION", "end my subscr\u0456ption"]
    )
    def test_its_longest_word_may_be_disguised(self, text: str) -> None:
        assert found(f"please {text} now", "end my subscription") == [text]

    def test_its_longest_word_may_be_the_open_one(self) -> None:
        assert found("end my subscriptions", "end my subscription*") == ["end my subscriptions"]
        assert found("end the subscriptions", "end my subscription*") == []

    def test_its_words_may_be_of_one_length(self) -> None:
        assert found("so go on and go", "go on", "on we") == ["go on"]

    def test_a_phrase_is_no_single_word_whose_letters_are_spaced_out(self) -> None:
        assert found("an i d i o t", "an idiot") == []

    def test_phrases_that_begin_alike_are_distinguished(self) -> None:
        listed = ("go away", "go away now", "go home")

        assert found("go home, go away, go away now, go on", *listed) == ["go home", "go away", "go away now"]


def test_the_longest_of_overlapping_matches_counts_once() -> None:
    assert found("a complete idiot", "idiot", "complete idiot", "complete*") == ["complete idiot"]


def test_each_use_counts() -> None:
    assert found("Idiot! idiot, IDI0T", "idiot") == ["Idiot", "idiot", "IDI0T"]


def test_a_listed_word_may_itself_be_written_in_disguise_or_capitals() -> None:
    assert found("a rotter", "ROTTER") == ["rotter"]
    assert found("a rotter", "rot\u200bter") == ["rotter"]


def test_offsets_point_into_the_text_as_written() -> None:
    text = "é ﬁ ½ ｉ\u200bｄｉｏｔ é"

    assert find_words(text, ("idiot",)) == ((6, 12),)


@settings(deadline=None)
@given(
    st.text(max_size=200), st.lists(st.sampled_from(["idiot", "ass*", "shut up", "🖕", "傻瓜", "a b c"]), max_size=4)
)
def test_spans_lie_in_the_text_in_order_and_apart(text: str, listed: list[str]) -> None:
    spans = find_words(text, tuple(listed))

    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


@pytest.mark.parametrize(
    ("text", "listed", "expected"),
    [
        ("🖕", ("🖕", "🖕🏽"), ["🖕"]),
        ("go 🖕", ("🖕🏽", "🖕"), ["🖕"]),
        ("go 🖕🏽", ("🖕", "🖕🏽"), ["🖕🏽"]),
        ("so 傻", ("傻", "傻瓜", "傻瓜蛋"), ["傻"]),
        ("you ass", ("ass", "asshole", "ass*"), ["ass"]),
        ("shut", ("shut", "shut up", "shut up now"), ["shut"]),
        ("a 👩", ("👩", "👩\u200d👩\u200d👧", "👩\u200d👩"), ["👩"]),
    ],
)
def test_an_entry_and_its_longer_form_are_told_apart_at_the_end(
    text: str, listed: tuple[str, ...], expected: list[str]
) -> None:
    assert found(text, *listed) == expected


PIECES = [
    *("🖕", "🏽", "🏻", "👩", "\u200d", "\ufe0f", "\u20e3", "1", "傻", "瓜"),
    *("a", "b", "é", "e\u0301", "\u0301", "ß", "ﬃ", "İ", "\u00ad", "а", "๏", "ำ", " ", "-", "!", "$", "…"),
]
ENTRIES = st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join)
ENTRIES |= ENTRIES.map("{}*".format)
LISTS = st.lists(ENTRIES, min_size=1, max_size=5)


@settings(deadline=None, max_examples=300)
@given(LISTS, st.lists(st.sampled_from(PIECES), max_size=4).map("".join), st.booleans(), st.data())
def test_every_entry_is_found_at_every_place_of_a_text(
    listed: list[str], around: str, is_last: bool, data: st.DataObject
) -> None:
    written = data.draw(st.sampled_from(listed)).removesuffix("*").strip()
    text = f"{around}\n{written}" + ("" if is_last else f"\n{around}")
    place = range(len(around) + 1, len(around) + 1 + len(written))

    spans = find_words(text, tuple(listed))

    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    if module.is_searchable(written):
        assert any(start < place.stop and place.start < end for start, end in spans)


@settings(deadline=None, max_examples=100)
@given(LISTS, ENTRIES)
def test_a_text_that_ends_within_an_entry_breaks_no_search(listed: list[str], ending: str) -> None:
    for entry in listed:
        for length in range(len(entry) + 1):
            text = ending + entry[:length]

            assert all(0 <= start < end <= len(text) for start, end in find_words(text, tuple(listed)))


def test_a_search_that_breaks_names_the_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Literals, text: str) -> Iterator[tuple[int, int]]:
        yield from [(0, len(text) + 1)] if {"🖕", "🖕🏽"} <= self.entries else []

    monkeypatch.setattr(Literals, "places", broken)
    listed = ("idiot", "🖕", *(f"word{number}" for number in range(70)), "🖕🏽", "ass*")

    with pytest.raises(IndexError) as raised:
        find_words("you 🖕", listed)

    assert raised.value.__notes__ == ["searching for '🖕', '🖕🏽'"]


@pytest.mark.parametrize(
    "text",
    ["kill it now " * 1600, "a$" * 10_000, "a " * 10_000, "aaabbbccc" * 2_200, "1!" * 10_000, "k i l l , " * 2_000],
)
def test_the_longest_comment_and_the_longest_list_cost_little(text: str) -> None:
    listed = tuple(f"kill a{n}" for n in range(2_500)) + tuple(f"word{n}*" for n in range(2_500))
    find_words("ready", listed)

    started = thread_time()
    find_words(text, listed)

    assert thread_time() - started < 2  # some 50 ms; a search through the list for every word takes minutes


def test_a_list_forgets_the_words_that_it_looked_up_once_they_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "MOST_KEPT", 5)
    listed = ("tram fare", "ferry*")

    for number in range(4):
        assert find_words(f"the tram fare of day x{number}y and ferryman", listed) == ((4, 13), (29, 37))

    assert len(module._prepared(listed).first.kept[0]) <= 5
    assert len(module._prepared(listed).longest.kept[0]) <= 5


def test_words_of_any_length_are_found_and_long_ones_are_not_remembered() -> None:
    long, listed = "Cl0wn" * remembered.LONGEST_KEPT, ("clown" * remembered.LONGEST_KEPT,)

    assert find_words(f"say {long}", listed) == ((4, 4 + len(long)),)
    assert find_words("say Cl0wn", ("clown",)) == ((4, 9),)
    assert module._prepared(listed).longest.kept[0] == {"say"}


def test_a_list_in_use_stays_ready_however_many_others_are_searched() -> None:
    listed = tuple(f"word{number}" for number in range(64))
    ready = module._prepared(listed)

    for number in range(module.MOST_PREPARED + 1):
        find_words("text", (f"short{number}",))
        find_words("text", listed)

    assert module._prepared(listed) is ready
    assert module._prepared(tuple(f"word{number}" for number in range(64))) is ready
