"""The oddities of real exports: each has its plain meaning, is noted, and never ends the import."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from moderation.operations.importing.coral import PICK_NOTE
from moderation.operations.importing.formats import FORMATS, likely_format
from moderation.operations.importing.jsonl import MAX_LINE_BYTES
from moderation.operations.importing.past_comment import PastComment
from moderation.operations.importing.reading import (
    UNKNOWN_GUEST_NOTE,
    ArchiveSource,
    Checked,
    Noted,
    NotReadable,
    checked,
)
from moderation.operations.importing.wordpress import CLOCK_NOTE, TRASH_NOTE
from moderation.operations.importing.xml_elements import CHUNK, CONTROLS_NOTE, UNREADABLE_NOTE
from moderation.sites.settings.rejection_reasons import SPAM_REASON
from tests.moderation.operations.importing import files
from tests.moderation.operations.importing.test_formats import GOOD, bad, comments, read, skipped


def noted(items: list[Checked]) -> dict[str, list[str]]:
    """The places by oddity, without the article that a place of WordPress names."""
    found: dict[str, list[str]] = {}
    for item in items:
        if isinstance(item, Noted):
            found.setdefault(item.what, []).append(item.place.partition(" of ")[0])
    return found


@pytest.mark.parametrize("addresses", [("", ""), ("ana@mail.example", "anna@mail.example")])
def test_two_guests_of_disqus_with_one_name_are_two_authors(addresses: tuple[str, str]) -> None:
    items = read("disqus", _disqus_guests(*addresses), digest=lambda address: f"keyed-{len(address)}")

    first, second = comments(items).values()
    assert (first.author.name, second.author.name) == ("Guest", "Guest")
    assert first.author.id != second.author.id
    assert noted(items) == ({} if addresses[0] else {UNKNOWN_GUEST_NOTE: ["post 1", "post 2"]})


def test_a_guest_of_disqus_is_known_by_the_address_which_is_not_kept() -> None:
    items = read("disqus", _disqus_guests("Ana@mail.example", "ana@Mail.example"), digest=lambda address: address[::-1])

    first, second = comments(items).values()
    assert first.author.id == second.author.id == "guest:elpmaxe.liam@ana"


def _disqus_guests(*addresses: str) -> str:
    head, _, _ = files.DISQUS.partition("<post ")
    posts = (
        f'<post dsq:id="{number}"><id/><message>Hello.</message><createdAt>2019-05-01T10:00:00Z</createdAt>'
        f"<isDeleted>false</isDeleted><isSpam>false</isSpam><author><email>{address}</email><name>Guest</name><isAnonymous>true"
        '</isAnonymous></author><thread dsq:id="100"/></post>'
        for number, address in enumerate(addresses, 1)
    )
    return f"{head}{''.join(posts)}</disqus>"


def test_the_oddities_of_a_wordpress_export_have_their_plain_meaning() -> None:
    items = read("wordpress", files.WORDPRESS_ODDITIES, digest=lambda address: f"keyed-{len(address)}")

    found = comments(items)
    assert {name: one.status for name, one in found.items() if one.status == "rejected"} == {"23": "rejected"}
    assert found["23"].reason == SPAM_REASON
    assert found["24"].text == "A pasted\nline, backspace and softhyphen"
    assert [found[name].posted_at.isoformat() for name in ("25", "26")] == ["2020-02-01T08:00:00+00:00"] * 2
    assert [(found[name].author.id, found[name].author.name) for name in ("28", "29")] == [
        ("guest:28", "Anna"),
        ("guest:29", "Anna"),
    ]
    assert found["30"].author.name == "Ottoé"
    assert found["31"].text == "Half a word: caf\ufffd"
    assert found["32"].article.title == "The harbour"
    assert skipped(items) == ["waiting for a decision", "in the trash with their article"]
    assert [one.partition(":")[0] for one in bad(items)] == ["comment 27 of '5'"]
    assert noted(items) == {
        TRASH_NOTE: ["comment 21", "comment 23"],
        CONTROLS_NOTE: ["comment 24", "comment 29", "comment 30"],
        CLOCK_NOTE: ["comment 25", "comment 26"],
        UNKNOWN_GUEST_NOTE: ["comment 28", "comment 29"],
        UNREADABLE_NOTE: ["comment 31"],
    }


@pytest.mark.parametrize("encoding", ["iso-8859-1", "windows-1252", "utf-16", "utf-8-sig"])
def test_an_export_is_read_in_the_encoding_that_it_declares(encoding: str) -> None:
    export = files.WORDPRESS.replace("UTF-8", encoding.removesuffix("-sig")).replace("First!", "Ça va\x08!")

    items = read("wordpress", export.encode(encoding))

    assert comments(items)["11"].text == "Ça va!\nSecond line."
    assert noted(items)[CONTROLS_NOTE] == ["comment 11"]


@pytest.mark.parametrize("encoding", ["klingon", "zlib", "idna"])
def test_an_encoding_that_cannot_be_read_is_named(encoding: str) -> None:
    with pytest.raises(NotReadable, match=encoding):
        read("wordpress", files.WORDPRESS.replace("UTF-8", encoding))


@pytest.mark.parametrize("reference", ["&#8;", "&#xFFFF;", "&#1114112;", "&#xD83D;", "\x00", "\uffff"])
@pytest.mark.parametrize("before", [1, 2, 5, 9, 11])
def test_what_xml_forbids_is_taken_out_wherever_a_piece_of_the_file_ends(reference: str, before: int) -> None:
    head, _, rest = files.WORDPRESS.partition("<item>")
    start, _, end = rest.partition("<![CDATA[First!")
    start = f"{head}<item>{start}"
    padding = " " * (CHUNK - before - len(start.encode()) - len("<!---->"))

    items = read(
        "wordpress", f"{start.replace('<item>', f'<!--{padding}--><item>')}{reference}&amp;&#33;<![CDATA[{end}"
    )

    assert comments(items)["11"].text == "&!\nSecond line."
    assert noted(items)[CONTROLS_NOTE] == ["comment 11"]


def test_what_coral_featured_are_editors_picks_while_they_are_published() -> None:
    items = read("coral", "\n".join(files.CORAL_PICKS))

    assert {name: one.featured_at and one.featured_at.isoformat() for name, one in comments(items).items()} == {
        "p-1": "2021-01-03T12:00:00+00:00",
        "p-2": "2021-01-01T00:00:00+00:00",
        "p-3": None,
        "p-4": None,
    }
    assert noted(items) == {PICK_NOTE: ["line 1", "line 2"]}


@pytest.mark.parametrize("form", ["array", "pretty", "pretty array", "with a byte order mark"])
def test_every_form_of_mongoexport_is_read(form: str, tmp_path: Path) -> None:
    documents = [json.loads(one) for one in files.CORAL_PICKS * 600]
    documents[1]["revisions"][1]["body"] = 'Brackets ] } and "quotes" are no ends. ' + "é" * 3
    written = {
        "array": "[" + ",".join(json.dumps(one) for one in documents) + "]\n",
        "pretty": "\n".join(json.dumps(one, indent="\t", ensure_ascii=False) for one in documents) + "\n",
        "pretty array": "[" + ",\n".join(json.dumps(one, indent="\t") for one in documents) + "]\n",
        "with a byte order mark": "\ufeff" + json.dumps(documents),
    }[form]
    assert len(written) > MAX_LINE_BYTES
    (tmp_path / "comments.json").write_text(written)

    items = read("coral", written)

    assert likely_format(tmp_path / "comments.json") == "coral"
    assert [item.id for item in items if isinstance(item, PastComment)] == [one["id"] for one in documents]
    assert bad(items) == []


@pytest.mark.parametrize(
    ("end", "words"),
    [("", "object 3"), (', {"id": ]', "object 3"), (f', {{"id": "{"x" * (2 * MAX_LINE_BYTES)}"}}]', "object 3")],
    ids=["breaks off", "broken", "too long"],
)
def test_an_array_that_cannot_be_read_on_names_the_way_out(end: str, words: str) -> None:
    broken = f"[{json.dumps(GOOD)}, 7{end or ', {'}"
    items: list[Checked] = []

    with pytest.raises(NotReadable, match=f"{words}.*without --jsonArray"):
        items.extend(checked(FORMATS["jsonl"](ArchiveSource(io.BytesIO(broken.encode())))))

    assert bad(items) == ["object 2: is not a JSON object"]
    assert list(comments(items)) == ["c-1"]


def test_only_a_published_comment_is_an_editors_pick() -> None:
    pick = {**GOOD, "featured_at": "2018-03-02T10:00:00Z"}

    (published,) = comments(read("jsonl", json.dumps(pick))).values()

    assert published.featured_at is not None
    assert bad(read("jsonl", json.dumps({**pick, "status": "rejected"}))) == [
        "line 1: featured_at is only for published comments"
    ]
