from __future__ import annotations

import pytest
from flask import Flask

from moderation.ground.values.measures import Standing
from moderation.judging.policy.trust import GRAVE
from moderation.judging.signals.registry import FOR_RULES
from moderation.moderators.authors import measure_rows as author_measures
from moderation.moderators.authors.measure_rows import AuthorMark
from moderation.sites import rows as sites
from moderation.sites.audit import rows as audit_entries
from moderation.sites.rows import PolicyRow
from service import cached
from service.desk.policy import replays
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast, newsroom_policy
from tests.statements import Asked

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def version_of(cast: Cast) -> int:
    with cast.database.read() as conn:
        return sites.current_policy(conn, cast.herald.id).version


def limit_name(page_html: object, title: str) -> str:
    field = page_html.find("input", attrs={"aria-label": title})  # type: ignore[attr-defined]
    return str(field["name"])


def test_every_signal_can_be_given_a_limit(cast: Cast, ben: Browser) -> None:
    page = ben.get("/desk/policy", site=cast.herald.id)

    ruled = {field.text for field in page.html.select("fieldset.rule > legend.said")}
    unused = {option.text for option in page.html.select("select[name=new-signal] option")} - {"None"}
    assert ruled.isdisjoint(unused)
    assert ruled | unused == {spec.title for spec in FOR_RULES.values()}


def test_the_effect_of_a_change_is_shown_before_it_is_saved(cast: Cast, ben: Browser) -> None:
    kept = cast.settled("A borderline remark.", scores={"toxicity": 0.7})
    cast.settled("A friendly one.", scores={"toxicity": 0.1})
    ben.get(f"/desk/review/{kept.id}").press("Reject")
    page = ben.get("/desk/policy", site=cast.herald.id)
    name = limit_name(page.html, "Toxicity: flag from")

    page = page.press("Show what changes", **{name: "0.65"})

    assert "1 held (now 0): +1" in page.text
    added = page.region("Held in addition")
    assert "A borderline remark." in added
    assert "Moderators decided 1 of these and rejected 1." in added
    assert "Toxicity, flag: from 0.8 → from 0.65" in page.text
    assert version_of(cast) == 1


def test_saving_makes_a_new_version_and_is_audited(cast: Cast, ben: Browser) -> None:
    page = ben.get("/desk/policy", site=cast.herald.id)

    fields = {limit_name(page.html, "Toxicity: flag from"): "0.7", "note": "Calmer", "banned_words": "scum\nvermin"}
    page = page.press("Save as version 2", **fields)

    assert page.heading() == "Policy 2"
    with cast.database.read() as conn:
        row = sites.current_policy(conn, cast.herald.id)
        entries = audit_entries.entries(conn, cast.herald.id, before=None, limit=5)
    (noted,) = [entry for entry in entries if entry.action.startswith("policy")]
    assert (row.note, row.created_by, row.document["banned_words"]) == ("Calmer", "Ben", ["scum", "vermin"])
    assert (noted.action, noted.actor_name) == ("policy.saved", "Ben")
    assert noted.after is not None
    assert "Banned words: scum, vermin added" in noted.after["changes"]


def test_an_old_version_is_compared_and_restored(cast: Cast, ben: Browser) -> None:
    page = ben.get("/desk/policy", site=cast.herald.id)
    page.press("Save as version 2", **{limit_name(page.html, "Toxicity: flag from"): "0.7"})

    page = ben.get("/desk/policy/versions/1", site=cast.herald.id)
    assert "Toxicity, flag: from 0.8 → from 0.7" in page.region("Compared")
    page.press("Restore as version 3")

    with cast.database.read() as conn:
        row = sites.current_policy(conn, cast.herald.id)
    assert row.version == 3
    assert {r["signal"]: r.get("at_least") for r in row.document["rules"]}["toxicity"] == 0.8


def test_any_two_versions_are_compared_in_either_direction(cast: Cast, ben: Browser) -> None:
    for number, limit in enumerate(("0.7", "0.6", "0.5"), start=2):
        page = ben.get("/desk/policy", site=cast.herald.id)
        page.press(f"Save as version {number}", **{limit_name(page.html, "Toxicity: flag from"): limit})
    page = ben.get("/desk/policy/versions/2", site=cast.herald.id)
    assert "Changes from here to the current version" in page.region("Compared")
    assert "from 0.7 → from 0.5" in page.region("Compared")

    later, earlier = page.press("Compare", **{"with": "3"}), page.press("Compare", **{"with": "1"})

    assert "Changes from here to version 3" in later.region("Compared")
    assert "from 0.7 → from 0.6" in later.region("Compared")
    assert "from 0.7 → from 0.8" in earlier.region("Compared")
    assert page.press("Compare", **{"with": "9"}).status == 404


def test_saving_over_a_newer_version_is_refused_with_a_message(cast: Cast, ben: Browser) -> None:
    seen = ben.get("/desk/policy", site=cast.herald.id)
    ben.get("/desk/policy", site=cast.herald.id).press("Save as version 2", note="First")

    page = seen.press("Save as version 2", note="Second")

    assert page.status == 409
    assert "somebody else saved version 2 first" in page.text
    assert version_of(cast) == 2


def test_a_limit_out_of_range_saves_nothing_and_says_which(cast: Cast, ben: Browser) -> None:
    page = ben.get("/desk/policy", site=cast.herald.id)

    page = page.press("Save as version 2", **{limit_name(page.html, "Toxicity: flag from"): "7"})

    assert page.status == 422
    assert "is not between 0 and 1" in page.text
    assert version_of(cast) == 1


def test_a_wrong_limit_is_shown_as_typed_with_what_is_wrong_beside_it(cast: Cast, ben: Browser) -> None:
    page = ben.get("/desk/policy", site=cast.herald.id)
    toxicity, links = limit_name(page.html, "Toxicity: flag from"), limit_name(page.html, "Links: flag from")

    page = page.press("Show what changes", **{toxicity: "7", links: "", "banned_words": "scum\na*b", "note": "Calmer"})

    assert page.status == 422
    said = {field: page.html.select_one(f"#problem-{field}").get_text() for field in (toxicity, links, "banned_words")}  # type: ignore[union-attr]
    assert said == {
        toxicity: "This limit is not between 0 and 1.",
        links: "This limit is not a number.",
        "banned_words": "“a*b” may have * only at its end.",
    }
    assert [page.field_named(name) for name in (toxicity, links, "note")] == ["7", "", "Calmer"]
    assert {link["href"] for link in page.html.select("#replay a")} == {f"#{name}" for name in said}
    assert page.html.select_one("details.fold:has(#banned_words)[open]")


def test_the_rules_that_hold_most_come_first_with_their_share_and_peoples_decisions(cast: Cast, ben: Browser) -> None:
    both = cast.settled("You fool.", scores={"toxicity": 0.9, "insult": 0.9})
    cast.settled("A rude remark.", scores={"toxicity": 0.9})
    fine = cast.settled("A blunt remark.", scores={"toxicity": 0.85})
    cast.settled("A friendly one.")
    ben.get(f"/desk/review/{both.id}").press("Reject")
    ben.get(f"/desk/review/{fine.id}").press("Approve")

    page = ben.get("/desk/policy", site=cast.herald.id)

    said = {
        str(rule.select_one("legend").get_text()): " ".join(rule.select_one(".holds").get_text(" ").split())  # type: ignore[union-attr]
        for rule in page.html.select('[aria-label="Why comments are held"] fieldset.rule')
    }
    assert said == {
        "Toxicity": "100% of held comments: 3, of which 2 for this alone. Moderators decided 2 of them and rejected 1.",
        "Insult": "33% of held comments: 1, of which 0 for this alone. Moderators decided 1 of them and rejected 1.",
    }
    assert list(said) == ["Toxicity", "Insult"]
    assert page.html.select_one("details.fold fieldset.rule > legend.said")


def test_what_holds_comments_besides_rules_is_named_too(cast: Cast, ben: Browser) -> None:
    cast.settled("Hujambo.", scores={"language.supported": 0.0, "toxicity": None})
    own = cast.settled("Too rude for sport.", scores={"toxicity": 0.3}, article_id="s", article={"section": "Sport"})
    with cast.database.write() as conn:
        document = {**newsroom_policy(), "rules": []}
        stricter = {"rules": [{"signal": "toxicity", "at_least": 0.2, "action": "flag", "label": ""}], "without": []}
        row = PolicyRow(2, {**document, "sections": {"Sport": stricter}}, None, "test", cast.now)
        sites.insert_policy(conn, cast.herald.id, row)

    page = ben.get("/desk/policy", site=cast.herald.id)

    causes = {dt.get_text() for dt in page.html.select("dl.causes dt")}
    assert own.id and causes >= {"No reliable scores in this language", "Toxicity"}


def test_a_moderator_may_look_and_try_but_not_save(cast: Cast, ana: Browser) -> None:
    page = ana.get("/desk/policy")
    assert not page.has_button("Save as version 2")

    refused = ana.post("/desk/policy", {"site": cast.herald.id, "version": "1"})

    assert refused.status == 403
    assert version_of(cast) == 1


def test_the_policy_of_another_site_is_not_found(cast: Cast, carla: Browser) -> None:
    assert carla.get("/desk/policy", site=cast.herald.id).status == 404


def test_a_rule_can_be_left_out(cast: Cast, ben: Browser) -> None:
    page = ben.get("/desk/policy", site=cast.herald.id)
    use = limit_name(page.html, "Links: flag from").replace("limit", "use")
    fields = {f"shown-{use[4:]}": "1"}
    page.html.find("input", attrs={"name": use})["checked"] = ""  # type: ignore[index]
    page.html.find("input", attrs={"name": use}).decompose()  # type: ignore[union-attr]

    page.press("Save as version 2", **fields)

    with cast.database.read() as conn:
        document = sites.current_policy(conn, cast.herald.id).document
    assert "links" not in {rule["signal"] for rule in document["rules"]}


def test_the_preview_spares_trusted_authors_as_deciding_does(cast: Cast, ben: Browser) -> None:
    calm = dict.fromkeys(GRAVE, 0.02)
    trusted = cast.settled("A borderline remark.", scores={**calm, "toxicity": 0.7}, author="Regular")
    cast.settled("Another one.", scores={"toxicity": 0.7}, author="Somebody")
    with cast.database.write() as conn:
        author_measures.set_mark(conn, trusted.author_id, AuthorMark(Standing.TRUSTED, "A regular", None))
    page = ben.get("/desk/policy", site=cast.herald.id)

    page = page.press("Show what changes", **{limit_name(page.html, "Toxicity: flag from"): "0.65"})

    assert "1 held (now 0): +1" in page.text
    assert "Another one." in page.region("Held in addition")


def test_the_examples_words_are_masked_by_the_lists_of_gavel_and_of_the_site(cast: Cast, ben: Browser) -> None:
    cast.flagged("You wanker, you.", scores={"toxicity": 0.85, "insult": 0.1}, evidence=("wanker",))
    cast.published("Down with the <vermin> again.", scores={"words.banned": 0.0})
    page = ben.get("/desk/policy", site=cast.herald.id)

    fields = {limit_name(page.html, "Toxicity: flag from"): "0.9", "banned_words": "vermin"}
    page = page.press("Show what changes", **fields)

    words = page.html.select("#replay mark.masked .word")
    assert [word.get_text() for word in words] == ["vermin", "wanker"]
    assert "<vermin>" in page.region("Held in addition").replace("hidden word", "").replace(" ", "")
    assert not page.field("Show hidden words").has_attr("checked")


def test_only_the_newest_comments_are_looked_at_and_the_page_says_how_many(
    cast: Cast, ben: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replays, "NEWEST", 3)
    for number in range(4):
        cast.settled(f"Borderline {number}.", scores={"toxicity": 0.7})
    cast.waiting("Not scored yet.")
    page = ben.get("/desk/policy", site=cast.herald.id)
    assert "Tried on 2 comments: those with scores among the site’s newest 3." in page.text

    page = page.press("Show what changes", **{limit_name(page.html, "Toxicity: flag from"): "0.65"})

    assert "2 held (now 0): +2" in page.text
    added = page.region("Held in addition")
    assert [f"Borderline {number}." in added for number in range(4)] == [False, False, True, True]


def test_comments_are_read_once_for_views_and_tries_of_the_same_minute(cast: Cast, ben: Browser) -> None:
    cast.settled(scores={"toxicity": 0.7}, text="A borderline remark.")
    asked = Asked(cast.database)

    with asked.listening():
        page = ben.get("/desk/policy", site=cast.herald.id)
        page = page.press("Show what changes", **{limit_name(page.html, "Toxicity: flag from"): "0.65"})
        again = ben.get("/desk/policy", site=cast.herald.id)
        ben.get("/desk/policy/override", site=cast.herald.id)

    assert len([statement for statement, _ in asked.statements if "FROM scorings" in statement]) == 1
    assert "1 held (now 0): +1" in page.text
    assert "0 held (now 0): no change" in again.text


def test_a_saved_policy_holds_at_once_over_comments_read_before(cast: Cast, ben: Browser) -> None:
    cast.settled("A borderline remark.", scores={"toxicity": 0.7})
    page = ben.get("/desk/policy", site=cast.herald.id)

    page = page.press("Save as version 2", **{limit_name(page.html, "Toxicity: flag from"): "0.65"})

    assert "1 held (now 1): no change" in page.text


def test_a_change_of_the_policy_is_said_in_the_readers_language(cast: Cast, ben: Browser) -> None:
    ben.get("/desk/account").press("Save", language="de", time_zone="Europe/Berlin")
    page = ben.get("/desk/policy", site=cast.herald.id)
    name = limit_name(page.html, "Toxizität: zurückhalten ab")

    page = page.press("Änderungen zeigen", **{name: "0.65", "banned_words": "scum"})

    assert "Toxizität, zurückhalten: ab 0,8 → ab 0,65" in page.text
    assert "Verbotene Wörter: scum hinzugefügt" in page.text


def test_a_page_that_is_opened_reads_the_newest_comments_and_a_try_on_it_looks_at_the_same(
    cast: Cast, ben: Browser, app: Flask
) -> None:
    page = ben.get("/desk/policy", site=cast.herald.id)
    cast.settled("A rude remark.", scores={"toxicity": 0.9})
    name = limit_name(page.html, "Toxicity: flag from")

    tried = page.press("Show what changes", **{name: "0.65"})
    with app.app_context():
        read_at = cast.now - 2 * replays.NEW_FOR
        cached.renewed(("recent", cast.herald.id), replays.KEPT_S, lambda: replays.Recent(read_at, ()))
    opened = ben.get("/desk/policy", site=cast.herald.id).press("Show what changes", **{name: "0.65"})

    assert "held (now" not in tried.text
    assert "1 held (now 1)" in opened.text


def test_a_site_without_comments_sees_its_rules_and_no_empty_figures(cast: Cast, ben: Browser) -> None:
    page = ben.get("/desk/policy", site=cast.herald.id)

    rules = page.html.select("#limits > section .cards .rule")
    assert len(rules) == len(newsroom_policy()["rules"])
    assert "No comment has been scored yet." in page.text
    assert not any(words in page.text for words in ("holds 0", "0 held", "Nothing is held", "hold nothing"))
