"""The plugin in a real WordPress, against a real Gavel. One file, since its tests share one of each; the last takes the
plugin away."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from bs4 import Tag
from flask import Flask
from playwright import sync_api as playwright_api
from werkzeug.serving import make_server

from moderation.moderators.review.reviewing import Choice
from moderation.sites.keys import Scope
from tests.integrations.newsroom_gavel import NewsroomGavel, judge_toxicity_alone
from tests.integrations.wordpress.blog import Answer, Blog, php
from tests.integrations.wordpress.network import Network
from tests.waiting import eventually

CIVIL = "I took that ferry to school for six years. It was late twice, both times for ice."
VILE = "What a vile council this is, every single one of them."
PAGE = "/wp-admin/options-general.php?page=gavel"
REMAINS = (
    "return array($wpdb->get_col(\"SELECT option_name FROM $wpdb->options WHERE option_name LIKE '%gavel%' OR"
    " (option_name = 'cron' AND option_value LIKE '%gavel%')\"),"
    " $wpdb->get_col(\"SHOW TABLES LIKE '{$wpdb->prefix}gavel%'\"),"
    " $wpdb->get_col(\"SELECT DISTINCT meta_key FROM $wpdb->postmeta WHERE meta_key LIKE '%gavel%'\"));"
)
MARKUP = "</td><script>alert(1)</script><b>Rude</b>"


def becomes(blog: Blog, comment: int, status: str | None) -> None:
    eventually(
        lambda: blog.status(comment) == status, within_s=20, says=lambda: (blog.status(comment), blog.row(comment))
    )


def held(blog: Blog, gavel: NewsroomGavel, post: int, text: str = VILE) -> int:
    """A comment that Gavel has flagged, and that WordPress knows to be."""
    comment = blog.comment(post, text)
    eventually(lambda: (blog.row(comment) or {})["status"] == "flagged", within_s=20, says=lambda: blog.row(comment))
    return comment


def words(answer: Answer) -> str:
    return words_of(answer.page)


def words_of(part: Tag) -> str:
    return " ".join(part.get_text(" ").split())


@pytest.fixture
def post(blog: Blog) -> int:
    return blog.article()


def test_the_settings_page_connects_names_wrong_fields_and_tests(unconnected: Blog, gavel: NewsroomGavel) -> None:
    blog = unconnected.log_in()
    name = "gavel_settings"

    refused = blog.fill_in(PAGE, "options.php", **{f"{name}[url]": "gavel.example", f"{name}[key]": "secret"})
    unknown = blog.fill_in(PAGE, "options.php", **{f"{name}[url]": gavel.url, f"{name}[key]": "gvl_" + "a" * 40})
    saved = blog.fill_in(PAGE, "options.php", **{f"{name}[url]": gavel.url + "/", f"{name}[key]": gavel.key})
    tested = blog.fill_in(PAGE, "admin-post.php")
    short = gavel.key_with(Scope.READ, Scope.POST)
    blog.fill_in(PAGE, "options.php", **{f"{name}[url]": gavel.url, f"{name}[key]": short})
    without_scope = blog.fill_in(PAGE, "admin-post.php")

    assert "Address of Gavel: it must begin with https://" in words(refused)
    assert "Key: a key of Gavel begins with gvl_" in words(refused)
    assert "The settings are saved, but Gavel cannot be used:" in words(unknown)
    assert "Settings saved" in words(saved) and gavel.key not in saved.text
    assert "the key is one of “The Herald”" in words(tested)
    assert "The key may send comments, decide them and read the feed." in words(tested)
    assert "Gavel reaches this site, and its signature is right." in words(tested)
    assert "Gavel cannot be used: " in words(without_scope) and "moderate" in words(without_scope)


def test_only_administrators_with_a_nonce_test_the_connection(blog: Blog) -> None:
    assert blog.post_form("/wp-admin/admin-post.php", action="gavel_test").status == 403
    anybody = Blog(blog.url, blog.folder, blog.php)
    assert anybody.post_form("/wp-admin/admin-post.php", action="gavel_test").status in (302, 400, 403)
    assert anybody.call("GET", PAGE).status == 302
    assert blog.run("wp_set_current_user(0); ob_start(); Gavel_Admin::print_page(); return ob_get_clean();") == ""


def test_a_civil_comment_is_published_and_gavel_knows_its_article_and_author(blog: Blog, gavel: NewsroomGavel) -> None:
    section = blog.run("return wp_create_category('Harbour & sea');")
    post = blog.article("Ferry & bus: “all” winter", post_category=[section])

    comment = blog.comment(post, "The ferry is <b>late</b> &amp; cold,\neach winter since 5 < 6 boats run here.")

    becomes(blog, comment, "1")
    kept, article = gavel.comment(comment), gavel.call("GET", f"/v1/articles/{post}")
    assert kept["text"] == "The ferry is late & cold,\neach winter since 5 < 6 boats run here."
    assert article["title"] == "Ferry & bus: “all” winter"
    assert article["text"] == "The council voted on Monday."
    assert (article["section"], article["language"]) == ("Harbour & sea", "en-US")
    assert article["url"].startswith(blog.url)
    author = gavel.call("GET", f"/v1/authors/{kept['author']['id'].replace(':', '%3A')}/export")
    assert "mail.example" in json.dumps(author)
    with gavel.database.read() as conn:
        whole = "\n".join(conn.connection.iterdump())
    assert "dana@" not in whole.lower()
    assert "127.0.0.1" not in json.dumps(author)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("Look <a href='https://ice.example/x' rel=\"nofollow\">here</a>.", "Look here https://ice.example/x ."),
        ("<p>One &amp; two</p><p>three<br>four</p>", "One & two\nthree\nfour"),
        ("1 &lt; 2, &#8217;tis <img src=x onerror=alert(1)>so\x00", "1 < 2, ’tis so"),
        ("<img src='only-a-picture.png'>", "<img src='only-a-picture.png'>"),
        ("<a href='" * 3_000 + "end", None),
    ],
)  # fmt: skip
def test_gavel_gets_the_words_of_a_comment(blog: Blog, html: str, text: str | None) -> None:
    found = blog.run(f"return Gavel_Bodies::text(json_decode({php(json.dumps(html))}));")

    assert found == text if text is not None else "href" in found


def test_a_held_comment_says_why_and_nobody_hears_of_it_before(blog: Blog, gavel: NewsroomGavel, post: int) -> None:
    before = len(blog.mails)

    comment = held(blog, gavel, post)

    assert blog.status(comment) == "0"
    assert blog.readers_see(post) == []
    row = blog.listed(comment)
    assert row is not None
    cell = row.find(class_="column-gavel")
    assert cell is not None and cell.get_text(" ") == "Held for a person Toxicity: 0.95 (limit 0.81)"
    eventually(lambda: len(blog.mails) > before, within_s=20)
    assert [mail["to"] for mail in blog.mails[before:]] == ["ana@paper.example"]
    assert "Please moderate" in blog.mails[-1]["subject"]
    assert "Held for a person" in words(blog.call("GET", f"/wp-admin/comment.php?action=editcomment&c={comment}"))


def test_no_mail_is_sent_while_gavel_has_not_decided(blog: Blog, gavel: NewsroomGavel, post: int) -> None:
    before = len(blog.mails)
    with gavel.away():
        comment = blog.comment(post, CIVIL + " Truly.")
        while_away = len(blog.mails)
    blog.recover()
    becomes(blog, comment, "1")

    assert while_away == before
    eventually(lambda: len(blog.mails) > before, within_s=20)
    assert [mail["subject"] for mail in blog.mails[before:]] == ['[The Herald] Comment: "Ferry to run all winter"']


@pytest.mark.parametrize(
    ("author", "url"),
    [("Dana", "https://escort-paris.example"), ("escort paris", "https://x.example/")],
    ids=["website", "name"],
)
def test_sure_spam_goes_to_spam_without_a_mail_and_a_person_may_take_it_out(
    blog: Blog, gavel: NewsroomGavel, post: int, author: str, url: str
) -> None:
    before = len(blog.mails)

    comment = blog.comment(post, CIVIL, author=author, url=url)
    becomes(blog, comment, "spam")
    at_gavel = gavel.comment(comment)["status"]
    blog.cron()
    after_cron = blog.status(comment)
    blog.act(comment, "unspam")
    blog.cron()

    assert (at_gavel, after_cron) == ("flagged", "spam")
    assert blog.status(comment) == "0"
    assert blog.mails[before:] == []
    blog.act(comment, "approve")
    becomes(blog, comment, "1")
    assert gavel.history(comment) == [("policy", "flag"), ("api", "publish")]


def test_spam_that_is_rude_too_is_held_and_a_person_hears_of_it(blog: Blog, gavel: NewsroomGavel, post: int) -> None:
    before = len(blog.mails)

    comment = blog.comment(post, VILE, url="https://escort-paris.example")

    eventually(lambda: len(blog.mails) > before, within_s=20)
    assert (blog.status(comment), gavel.comment(comment)["status"]) == ("0", "flagged")


@pytest.mark.parametrize("type", ["pingback", "trackback"])
def test_pingbacks_and_trackbacks_wait_and_are_judged_by_their_words_and_their_address(
    blog: Blog, gavel: NewsroomGavel, post: int, type: str
) -> None:
    made = (
        "return wp_new_comment(array('comment_post_ID' => %d, 'comment_type' => %s, 'comment_author' => 'A blog',"
        " 'comment_author_email' => '', 'comment_author_url' => %s, 'comment_content' => %s, 'user_id' => 0));"
    )

    civil = blog.run(made % (post, php(type), php("https://blog.example/ferry"), php(f"[&#8230;] {CIVIL} [&#8230;]")))
    spam = blog.run(made % (post, php(type), php("https://casino.example/"), php(f"[&#8230;] {CIVIL} Now. [&#8230;]")))

    becomes(blog, civil, "1")
    becomes(blog, spam, "spam")
    assert gavel.comment(civil)["author"]["name"] == "A blog"


@pytest.mark.parametrize(
    ("field", "sent"),
    [
        ("https://dana.example/a b", ""), ("javascript:alert(1)", ""), ("dana.example", ""), ("", ""),
        ("HTTPS://dana.example/?a=1&amp;b=2", "https://dana.example/?a=1&b=2"),
    ],
)  # fmt: skip
def test_a_website_that_is_no_address_is_not_sent(blog: Blog, field: str, sent: str) -> None:
    assert blog.run(f"return Gavel_Bodies::website({php(field)});") == sent


def test_what_moderators_do_in_wp_admin_reaches_gavel_once(blog: Blog, gavel: NewsroomGavel, post: int) -> None:
    comment = held(blog, gavel, post)

    blog.act(comment, "approve")
    becomes(blog, comment, "1")
    blog.act(comment, "unapprove")
    becomes(blog, comment, "0")
    blog.act(comment, "spam")
    becomes(blog, comment, "spam")
    blog.act(comment, "unspam")
    becomes(blog, comment, "0")
    blog.act(comment, "trash")
    becomes(blog, comment, "trash")
    rejected = gavel.comment(comment)["status"]
    blog.act(comment, "untrash")
    becomes(blog, comment, "0")
    blog.act(comment, "trash")
    blog.act(comment, "delete")
    blog.cron()

    assert rejected == "rejected"
    assert gavel.history(comment) == [
        ("policy", "flag"), ("api", "publish"), ("api", "flag"), ("api", "reject"), ("api", "flag"), ("api", "reject"),
        ("api", "flag"), ("api", "reject"),
    ]  # fmt: skip
    assert gavel.comment(comment)["status"] == "withdrawn"
    assert blog.row(comment) is None


def test_a_moderator_at_the_desk_publishes_rejects_and_undoes(blog: Blog, gavel: NewsroomGavel, post: int) -> None:
    one, other = held(blog, gavel, post), held(blog, gavel, post, VILE + " Again.")

    gavel.decide(one, Choice.APPROVE)
    gavel.decide(other, Choice.REJECT)

    becomes(blog, one, "1")
    becomes(blog, other, "spam")
    row = blog.listed(other, "spam")
    assert row is not None and "By a moderator at Gavel" in row.get_text()
    assert gavel.history(one) == [("policy", "flag"), ("moderator", "publish")]
    assert gavel.history(other) == [("policy", "flag"), ("moderator", "reject")]


def test_comments_by_rest_wait_too_and_replies_name_their_parent(blog: Blog, gavel: NewsroomGavel, post: int) -> None:
    parent = blog.comment(post, CIVIL)
    becomes(blog, parent, "1")
    reader = Blog(blog.url, blog.folder, blog.php)
    body = {
        "post": post,
        "parent": parent,
        "content": CIVIL + " Me too.",
        "author_name": "Eli",
        "author_email": "e@x.org",
    }

    answer = reader.call(
        "POST", "/index.php?rest_route=/wp/v2/comments", body=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )  # fmt: skip

    assert answer.status == 201
    assert answer.json["status"] == "hold"
    becomes(blog, answer.json["id"], "1")
    assert gavel.comment(answer.json["id"])["parent_id"] == str(parent)


def test_those_who_may_moderate_are_published_at_once_and_gavel_hears_that(
    blog: Blog, gavel: NewsroomGavel, post: int
) -> None:
    made = (
        "return wp_new_comment(array('comment_post_ID' => %d, 'comment_author' => 'Ana', 'comment_author_url' => '',"
        " 'comment_author_email' => 'ana@paper.example', 'comment_content' => %s, 'user_id' => 1));"
    )

    comment = blog.run(made % (post, php(VILE)))

    assert blog.status(comment) == "1"
    eventually(lambda: gavel.comment(comment)["status"] == "published", within_s=20)
    assert gavel.history(comment)[-1] == ("api", "publish")
    assert gavel.comment(comment)["author"]["id"] == "user:1"


def test_other_types_and_what_wordpress_itself_refuses_stay_out(blog: Blog, gavel: NewsroomGavel, post: int) -> None:
    blog.run("update_option('disallowed_keys', 'casino');")
    refused = blog.comment(post, "Win at the casino tonight, friends.")
    note = blog.run(f"return wp_insert_comment(array('comment_post_ID' => {post}, 'comment_type' => 'order_note',"
                    " 'comment_content' => 'x', 'comment_approved' => '0'));")  # fmt: skip

    assert blog.status(refused) == "trash"
    assert not gavel.knows(refused) and not gavel.knows(note)
    assert blog.row(refused) is None and blog.row(note) is None


def test_an_edit_by_a_moderator_is_decided_by_them_and_another_waits(
    blog: Blog, gavel: NewsroomGavel, post: int
) -> None:
    comment = blog.comment(post, CIVIL)
    becomes(blog, comment, "1")
    edit = "wp_set_current_user(%d); return wp_update_comment(array('comment_ID' => %d, 'comment_content' => %s));"

    blog.run(edit % (1, comment, php("Much shorter, and vile.")))
    eventually(lambda: gavel.comment(comment)["text"] == "Much shorter, and vile.", within_s=20)
    eventually(lambda: gavel.comment(comment)["status"] == "published", within_s=20)
    by_moderator = blog.status(comment)
    blog.run(edit % (0, comment, php("Longer, and vile all the same.")))

    eventually(lambda: gavel.comment(comment)["status"] == "flagged", within_s=20)
    becomes(blog, comment, "0")
    assert by_moderator == "1"
    assert gavel.history(comment)[-2:] == [("api", "publish"), ("policy", "flag")]


def test_a_text_that_was_changed_at_gavel_is_taken_over(blog: Blog, gavel: NewsroomGavel, post: int) -> None:
    comment = blog.comment(post, CIVIL)
    becomes(blog, comment, "1")

    gavel.call("PATCH", f"/v1/comments/{comment}", {"text": "Twice <late>, & no more."})

    eventually(
        lambda: blog.readers_see(post) == ["Twice <late>, & no more."], within_s=20, says=lambda: blog.row(comment)
    )
    assert gavel.comment(comment)["text"] == "Twice <late>, & no more."


def signed(secrets: list[str], body: bytes, *, at: int | None = None, id: str = "e-1") -> dict[str, str]:
    stamp = str(int(time.time()) if at is None else at)
    sent = f"{id}.{stamp}.".encode() + body
    keys = [base64.b64decode(secret.removeprefix("whsec_")) for secret in secrets]
    signatures = ["v1," + base64.b64encode(hmac.new(key, sent, hashlib.sha256).digest()).decode() for key in keys]
    return {
        "webhook-id": id, "webhook-timestamp": stamp, "webhook-signature": " ".join(signatures),
        "content-type": "application/json",
    }  # fmt: skip


def event(comment: int, version: int, type: str = "comment.published", status: str = "published") -> bytes:
    said = {"id": str(comment), "article_id": "1", "author_id": "a", "status": status, "version": version}
    return json.dumps({"id": "e-1", "sequence": 1, "type": type, "data": {"comment": said}}).encode()


def test_only_what_gavel_signed_lately_is_believed(blog: Blog, gavel: NewsroomGavel, post: int) -> None:
    comment = held(blog, gavel, post)
    (secret, *_), forged = blog.run("return get_option('gavel_secrets');"), event(comment, 9)
    foreign = "whsec_" + base64.b64encode(b"f" * 32).decode()
    now = int(time.time())

    def send(body: bytes, headers: dict[str, str]) -> int:
        anybody = Blog(blog.url, blog.folder, blog.php)
        return anybody.call("POST", "/index.php?rest_route=/gavel/v1/events", body=body, headers=headers).status

    unsigned = {name: value for name, value in signed([], forged).items() if name != "webhook-signature"}
    attempts = {
        "unsigned": send(forged, unsigned),
        "foreign": send(forged, signed([foreign], forged)),
        "of another body": send(forged, signed([secret], forged + b" ")),
        "old": send(forged, signed([secret], forged, at=now - 310)),
        "early": send(forged, signed([secret], forged, at=now + 310)),
        "no time": send(forged, signed([secret], forged) | {"webhook-timestamp": "soon"}),
        "no secret at all": send(forged, signed(["whsec_"], forged)),
    }
    no_event = send(b"[]", signed([secret], b"[]"))
    older = event(comment, 1)
    late = send(older, signed([secret], older))
    unknown = event(99_999_999, 5)

    assert attempts == dict.fromkeys(attempts, 401)
    assert no_event == 400
    assert late == 204  # it says nothing new
    assert send(unknown, signed([secret], unknown)) == 204
    assert blog.status(comment) == "0"
    assert send(forged, signed([foreign, secret], forged)) == 204  # two secrets sign while one replaces the other
    assert blog.status(comment) == "1"


@pytest.mark.parametrize("overlap_hours", [24, 0])
def test_a_new_secret_needs_nobody(blog: Blog, gavel: NewsroomGavel, post: int, overlap_hours: int) -> None:
    comment = held(blog, gavel, post)
    before = blog.run("delete_transient('gavel_asked'); return get_option('gavel_secrets');")

    gavel.call("POST", f"/v1/site/webhook-secret?overlap_hours={overlap_hours}")
    gavel.decide(comment, Choice.APPROVE)

    becomes(blog, comment, "1")
    after = blog.run("return get_option('gavel_secrets');")
    assert len(after) <= 2
    assert after == before if overlap_hours else after[1:] == before[:1] and after[0] not in before


def test_a_site_that_cannot_be_reached_reads_the_feed(blog: Blog, gavel: NewsroomGavel, post: int) -> None:
    gavel.call("PUT", "/v1/site", {"webhook_url": "http://127.0.0.1:9/elsewhere"})
    told = words(blog.fill_in(PAGE, "admin-post.php"))
    one, other = held(blog, gavel, post), held(blog, gavel, post, VILE + " Twice.")
    gavel.decide(one, Choice.APPROVE)
    gavel.decide(other, Choice.REJECT)
    unheard = (blog.status(one), blog.status(other))
    cursor = blog.run("return get_option('gavel_cursor');")

    blog.cron()

    assert "It calls http://127.0.0.1:9/elsewhere already. WordPress asks Gavel each minute instead." in told
    assert unheard == ("0", "0")
    assert (blog.status(one), blog.status(other)) == ("1", "spam")
    assert int(blog.run("return get_option('gavel_cursor');")) > int(cursor)
    gavel.call("PUT", "/v1/site", {"webhook_url": None})
    assert "Gavel reaches this site" in words(blog.fill_in(PAGE, "admin-post.php"))


def test_while_gavel_is_away_nothing_is_published_or_lost_and_all_is_done_later(
    blog: Blog, gavel: NewsroomGavel, post: int
) -> None:
    published, flagged = blog.comment(post, CIVIL), held(blog, gavel, post)
    becomes(blog, published, "1")
    gone = held(blog, gavel, post, VILE + " Gone.")

    with gavel.away():
        waiting = [blog.comment(post, f"{CIVIL} Number {number}.", email=f"r{number}@x.org") for number in range(3)]
        blog.act(flagged, "approve")
        blog.act(published, "spam")
        blog.act(gone, "trash")
        blog.act(gone, "delete")
        blog.act(waiting[2], "spam")
        blog.cron()
        seen = blog.readers_see(post)
        notice = words(blog.call("GET", "/wp-admin/edit-comments.php"))
        statuses = [blog.status(comment) for comment in waiting]
    blog.recover()

    assert seen == [VILE]
    assert statuses == ["0", "0", "spam"]
    assert "Gavel has been away for" in notice
    for comment in waiting[:2]:
        becomes(blog, comment, "1")
    assert gavel.history(waiting[2])[-1] == ("api", "reject")
    assert gavel.history(flagged) == [("policy", "flag"), ("api", "publish")]
    assert gavel.history(published) == [("policy", "publish"), ("api", "reject")]
    assert gavel.comment(gone)["status"] == "withdrawn"
    assert blog.status(waiting[2]) == "spam"
    assert "Gavel has been away" not in words(blog.call("GET", "/wp-admin/edit-comments.php"))


def test_the_desk_holds_where_it_was_faster_than_wp_admin(blog: Blog, gavel: NewsroomGavel, post: int) -> None:
    comment = held(blog, gavel, post)
    with gavel.away():
        blog.act(comment, "approve")
        gavel.decide(comment, Choice.REJECT)
    blog.recover()

    becomes(blog, comment, "spam")
    assert gavel.history(comment) == [("policy", "flag"), ("moderator", "reject")]


def test_a_lost_answer_makes_no_second_comment_and_loses_no_edit(blog: Blog, gavel: NewsroomGavel, post: int) -> None:
    with blog.impatient(), gavel.slow(0.8):  # Gavel stores the comment, and WordPress waits for one second only
        comment = blog.comment(post, VILE)
        unheard = blog.row(comment)
        edit = "wp_set_current_user(1); return wp_update_comment(array('comment_ID' => %d, 'comment_content' => %s));"
        blog.run(edit % (comment, php("A milder text.")))
    eventually(lambda: gavel.knows(comment), within_s=20)
    eventually(lambda: (blog.row(comment) or {})["status"] == "flagged", within_s=20)  # of the first text, by webhook
    blog.recover()

    assert unheard is not None and unheard["sent"] == ""
    becomes(blog, comment, "1")
    assert gavel.comment(comment)["text"] == "A milder text."


def test_a_gavel_that_went_back_to_a_backup_is_followed(blog: Blog, gavel: NewsroomGavel, post: int) -> None:
    comment = held(blog, gavel, post)
    blog.run(f"update_option('gavel_cursor', 1000000); Gavel_Store::save({comment}, array('version' => 90));")
    gavel.call("PUT", "/v1/site", {"webhook_url": None})
    gavel.decide(comment, Choice.APPROVE)

    blog.cron()
    blog.fill_in(PAGE, "admin-post.php")  # the webhook again, for the tests that follow

    assert blog.status(comment) == "1"
    assert 0 < int(blog.run("return get_option('gavel_cursor');")) < 1_000_000


def test_an_article_comes_back_from_the_trash_with_the_decisions_made_meanwhile(
    blog: Blog, gavel: NewsroomGavel, post: int
) -> None:
    comment = held(blog, gavel, post)
    blog.run(f"return wp_trash_post({post});")
    gavel.decide(comment, Choice.APPROVE)
    eventually(lambda: (blog.row(comment) or {})["status"] == "published", within_s=20)
    in_trash = blog.status(comment)

    blog.run(f"return wp_untrash_post({post});")

    assert in_trash == "post-trashed"
    becomes(blog, comment, "1")


def test_what_gavel_refuses_waits_for_a_person_and_says_why(blog: Blog, gavel: NewsroomGavel, post: int) -> None:
    before = len(blog.mails)
    too_long = blog.comment(post, "word " * 4_001)
    first = blog.comment(post, CIVIL, email="banned@x.org")
    becomes(blog, first, "1")
    author = gavel.comment(first)["author"]["id"].replace(":", "%3A")
    gavel.call("POST", f"/v1/authors/{author}/measures", {"measure": "ban", "reason": "Enough."})
    banned = blog.comment(post, CIVIL + " More.", email="banned@x.org")

    assert blog.status(too_long) == "0"
    row = blog.listed(too_long)
    assert row is not None and "must have at most 20,000 characters" in row.get_text()
    assert any("Please moderate" in mail["subject"] for mail in blog.mails[before:])
    becomes(blog, banned, "spam")
    row = blog.listed(banned, "spam")
    assert row is not None and "is banned" in row.get_text()


def test_markup_in_what_gavel_says_stays_text(blog: Blog, gavel: NewsroomGavel, post: int) -> None:
    comment = held(blog, gavel, post)
    why = {"by": "policy", "reason": MARKUP, "reasons": [{"code": "rule", "label": MARKUP, "value": 1, "limit": 1}]}
    blog.run(f"Gavel_Store::save({comment}, array('why' => {php(json.dumps(why))}));")

    listed = blog.call("GET", "/wp-admin/edit-comments.php").text
    box = blog.call("GET", f"/wp-admin/comment.php?action=editcomment&c={comment}").text

    for page in (listed, box):
        assert "<b>Rude</b>" not in page and "<script>alert(1)" not in page
        assert "&lt;b&gt;Rude&lt;/b&gt;" in page


@contextmanager
def false_gavel() -> Iterator[str]:
    """The address of a server that answers every call with markup."""
    app = Flask("false_gavel")
    refused = {"type": "urn:gavel:problem:id-conflict", "status": 409, "detail": MARKUP}
    app.register_error_handler(404, lambda _: (refused, 409))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join(timeout=10)


def test_markup_in_the_errors_of_a_false_gavel_stays_text(blog: Blog, gavel: NewsroomGavel) -> None:
    with false_gavel() as url:
        named = {"gavel_settings[url]": url, "gavel_settings[key]": "gvl_" + "a" * 40}
        saved = blog.fill_in(PAGE, "options.php", **named)
        tested = blog.fill_in(PAGE, "admin-post.php")
        export = blog.run("return Gavel_Privacy::export('erin@x.org')->get_error_message();")
        erase = blog.run("return Gavel_Privacy::erase('erin@x.org')['messages'][0];")
    blog.connect(gavel.url, gavel.key)

    assert "Gavel cannot be used" in words(saved) and "Gavel cannot be used" in words(tested)
    for shown in (saved.text, tested.text, export, erase):
        assert "<script>alert" not in shown and "&lt;script&gt;alert" in shown


def test_a_reader_is_exported_and_erased_by_e_mail_address(blog: Blog, gavel: NewsroomGavel, post: int) -> None:
    comment = blog.comment(post, CIVIL, email="erin@x.org")
    becomes(blog, comment, "1")

    exported = blog.run("return Gavel_Privacy::export('Erin@x.org');")
    nobody = blog.run("return Gavel_Privacy::export('nobody@x.org');")
    erased = blog.run("return Gavel_Privacy::erase('erin@x.org');")
    both = "return array(is_wp_error(Gavel_Privacy::export('erin@x.org')), Gavel_Privacy::erase('erin@x.org'));"
    with gavel.away():
        away = blog.run(both)
    blog.recover()

    assert exported["done"] and len(exported["data"]) == 2
    about, of_comment = ({line["name"]: line["value"] for line in item["data"]} for item in exported["data"])
    assert (about["author, name"], of_comment["text"]) == ("Dana", CIVIL)
    assert of_comment["decisions 1, action"] == "publish"
    assert not [value for value in (*about.values(), *of_comment.values()) if value.startswith(("{", "["))]
    assert nobody == {"data": [], "done": True}
    assert erased == {"items_removed": True, "items_retained": False, "messages": [], "done": True}
    becomes(blog, comment, "trash")
    assert gavel.comment(comment)["text"] == ""
    assert away[0] is True and away[1]["items_retained"] is True and away[1]["messages"]
    named = "return array_keys(apply_filters('wp_privacy_personal_data_%s', array()));"
    assert "gavel" in blog.run(named % "exporters") and "gavel" in blog.run(named % "erasers")


WP_CLI = """
define('WP_CLI', true);
class WP_CLI {
	public static function add_command($name, $class) { self::$commands[$name] = $class; }
	public static function log($line) { echo $line, "\\n"; }
	public static function success($line) { echo "Success: $line\\n"; }
	public static function error($line) { echo "Error: $line\\n"; exit(1); }
	public static array $commands = array();
}
require 'wp-load.php';
$command = new WP_CLI::$commands['gavel']();
"""


def insert_old(blog: Blog, post: int, statuses: list[str], text: str = "which is vile") -> list[int]:
    """As they were before the plugin came."""
    ids: list[int] = blog.run(f"""
        $ids = array();
        remove_action('wp_insert_comment', array('Gavel_Comments', 'inserted'), 10);
        foreach (json_decode({php(json.dumps(statuses))}) as $n => $status) {{
            $ids[] = wp_insert_comment(array('comment_post_ID' => {post}, 'comment_author' => 'Old Reader',
                'comment_author_email' => 'old@x.org', 'comment_content' => "Comment $n of {post}, {text}.",
                'comment_approved' => $status, 'comment_date' => '2019-05-01 10:00:00'));
        }}
        return $ids;""")
    return ids


def test_the_import_in_wp_admin_shows_a_bar_goes_on_and_sends_no_mails(
    blog: Blog, gavel: NewsroomGavel, post: int, chromium: playwright_api.Browser, tmp_path: Any
) -> None:
    ids, before = insert_old(blog, post, ["0"] * 30 + ["1"] * 15), len(blog.mails)
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": name, "value": value, "url": blog.url} for name, value in blog.cookies.items()])
    page, said = context.new_page(), []
    page.on("pageerror", lambda error: said.append(str(error)))

    page.goto(blog.url + PAGE)
    page.get_by_role("button", name="Send the comments from before").click()
    page.get_by_text("All are done.").wait_for()
    bar = page.get_by_role("progressbar")
    full = bar.get_attribute("value") == bar.get_attribute("max")
    page.screenshot(path=tmp_path / "import.png", full_page=True)
    context.close()

    eventually(
        lambda: {(blog.row(id) or {})["status"] for id in ids[:30]} == {"flagged"},
        within_s=20,
        says=lambda: blog.row(ids[0]),
    )
    assert gavel.history(ids[40])[-1] == ("api", "publish")
    assert full and said == []
    assert blog.mails[before:] == []
    blog.run(f"array_map(fn($id) => wp_delete_comment($id, true), {ids}); return 1;")  # no test begins anew with them


def test_an_import_that_was_cut_off_goes_on_where_it_was(blog: Blog, gavel: NewsroomGavel, post: int) -> None:
    ids = insert_old(blog, post, ["1"] * 45)
    blog.run("Gavel_Import::start(); return 1;")
    with gavel.away():
        away = blog.run("return Gavel_Import::advance(time() + 5);")
    blog.run("delete_option('gavel_away');")

    step = "return (new ReflectionMethod('Gavel_Import', 'step'))->invoke(null, array('after' => %d) + $state);"
    first = blog.run("$state = Gavel_Import::state(); " + step % (ids[0] - 1))
    blog.run(f"update_option('gavel_import', json_decode({php(json.dumps(first))}, true));")
    blog.cron()
    done = blog.run("return Gavel_Import::state();")

    assert away["running"] and away["why"]
    assert (first["after"], first["sent"]) == (ids[19], 20)
    assert not done["running"] and done["sent"] >= 45 and done["refused"] == 0
    assert [gavel.history(id)[-1] for id in (ids[0], ids[19], ids[44])] == [("api", "publish")] * 3


def test_only_administrators_with_a_nonce_import(blog: Blog) -> None:
    begun = blog.run("return get_option('gavel_import');")

    assert blog.post_form("/wp-admin/admin-post.php", action="gavel_import").status == 403
    assert blog.post_form("/wp-admin/admin-ajax.php", action="gavel_import").status == 403
    anybody = Blog(blog.url, blog.folder, blog.php)
    assert anybody.post_form("/wp-admin/admin-ajax.php", action="gavel_import").text == "0"
    assert blog.run("return get_option('gavel_import');") == begun


def test_akismets_spam_in_the_trash_is_sent_as_spam_but_not_what_a_person_took_out(
    blog: Blog, gavel: NewsroomGavel, post: int
) -> None:
    spam, corrected, by_person, other = insert_old(blog, post, ["trash"] * 4)
    for id, key, value in (
        (spam, "akismet_result", "true"), (corrected, "akismet_result", "true"),
        (corrected, "akismet_user_result", "false"), (by_person, "akismet_result", "false"),
        (by_person, "akismet_user_result", "true"),
    ):  # fmt: skip
        blog.run(f"return add_comment_meta({id}, '{key}', '{value}');")

    blog.run_alone(WP_CLI + "$command->import(array(), array());")

    assert not gavel.knows(corrected) and not gavel.knows(other)
    for id in (spam, by_person):
        assert gavel.comment(id)["decision"]["reason"] == "Spam or advertising"
        assert blog.status(id) == "trash"


def test_switched_off_and_on_again_all_that_happened_meanwhile_is_sent(
    blog: Blog, gavel: NewsroomGavel, post: int
) -> None:
    taken_down, deleted, kept = (held(blog, gavel, post, f"{VILE} {n}") for n in ("One.", "Two.", "Three."))
    blog.run("deactivate_plugins('gavel/gavel.php'); return 1;")
    published = blog.comment(post, CIVIL + " While it was off.")
    as_wordpress = blog.status(published)
    blog.run(f"wp_spam_comment({taken_down}); wp_delete_comment({deleted}, true); return 1;")
    gavel.decide(kept, Choice.APPROVE)
    unheard = gavel.knows(published)

    blog.run("return activate_plugin('gavel/gavel.php');")
    blog.call("GET", "/")
    blog.cron()

    assert (as_wordpress, unheard) == ("1", False)
    assert gavel.history(published)[-1] == ("api", "publish")
    assert gavel.comment(taken_down)["status"] == "rejected"
    assert gavel.comment(deleted)["status"] == "withdrawn"
    becomes(blog, kept, "1")


def test_the_import_sends_old_comments_with_what_was_decided(blog: Blog, gavel: NewsroomGavel, post: int) -> None:
    ids = blog.run(f"""
        $ids = array();
        remove_action('wp_insert_comment', array('Gavel_Comments', 'inserted'), 10);
        foreach (array('1', 'spam', '0', 'trash', '1') as $n => $status) {{
            $ids[] = wp_insert_comment(array('comment_post_ID' => {post}, 'comment_author' => 'Old Reader',
                'comment_author_email' => 'old@x.org', 'comment_content' => "Comment $n, which is vile.",
                'comment_approved' => $status, 'comment_date' => '2019-05-0' . ($n + 1) . ' 10:00:00',
                'comment_parent' => 4 === $n ? $ids[0] : 0));
        }}
        return $ids;""")

    would = blog.run_alone(WP_CLI + "$command->import(array(), array('dry-run' => true));")
    done = blog.run_alone(WP_CLI + "$command->import(array(), array());")
    again = blog.run_alone(WP_CLI + "$command->import(array(), array());")
    tested = blog.run_alone(WP_CLI + "$command->test();")

    published, spam, pending, trash, reply = ids
    assert "Success: 4 comments would be sent." in would
    assert "Success: 4 comments sent, 3 with a decision, 0 refused." in done
    assert "Success: 0 comments sent" in again
    assert tested.count("ok   ") == 3
    assert gavel.history(published)[-1] == gavel.history(reply)[-1] == ("api", "publish")
    assert gavel.history(spam)[-1] == ("api", "reject")
    assert gavel.comment(spam)["decision"]["reason"] == "Spam or advertising"
    assert gavel.comment(published)["posted_at"].startswith("2019-05-01")
    assert gavel.comment(reply)["parent_id"] == str(published)
    assert not gavel.knows(trash)
    eventually(lambda: gavel.comment(pending)["status"] == "flagged", within_s=20)
    assert [blog.status(id) for id in ids] == ["1", "spam", "0", "trash", "1"]


FORMS = """
class Sent_Form {
	public array $log = array();
	public function __construct(public array $fields) {}
	public function get_posted_data() { return $this->fields; }
	public function add_spam_log($line) { $this->log[] = $line['agent']; }
}
function wpforms() { static $it; return $it ??= (object) array('process' => (object) array('errors' => array())); }
$said = json_decode(%s, true);
$sent = new Sent_Form(array('_wpcf7' => 'casino', 'your-name' => $said['name'], 'your-email' => 'dana@mail.example',
	'website' => $said['url'], 'topic' => array('Ferries'), 'your-message' => $said['text']));
$cf7 = apply_filters('wpcf7_spam', false, $sent);
$jetpack = apply_filters('jetpack_contact_form_is_spam', false, array('comment_content' => $said['text'],
	'comment_author' => $said['name'], 'comment_author_email' => 'dana@mail.example',
	'comment_author_url' => $said['url']));
do_action('wpforms_process', array(1 => array('type' => 'name', 'value' => $said['name']), 2 => array('type' => 'url',
	'value' => $said['url']), 3 => array('type' => 'textarea', 'value' => $said['text'])), array(), array('id' => 7));
return array($cf7, $sent->log, $jetpack, wpforms()->process->errors);
"""
KEPT_BACK = [True, ["gavel"], True, {"7": {"footer": "Your message was not sent, because it looks like spam."}}]
LET_THROUGH = [False, [], False, []]


def fill_in_forms(blog: Blog, **said: str) -> Any:
    return blog.run(FORMS % php(json.dumps({"name": "Dana", "url": "", "text": CIVIL} | said)))


def check_forms(blog: Blog, url: str, key: str, *, on: bool = True) -> None:
    settings = php(json.dumps({"url": url, "key": key, "send_address": False, "check_forms": on}))
    blog.run(f"update_option('gavel_settings', json_decode({settings}, true));")


@pytest.mark.usefixtures("scoring")
def test_sure_spam_in_contact_forms_is_kept_back_and_all_else_let_through(blog: Blog, gavel: NewsroomGavel) -> None:
    check_forms(blog, gavel.url, gavel.key)

    assert fill_in_forms(blog) == LET_THROUGH
    assert fill_in_forms(blog, text=VILE) == LET_THROUGH  # rude, and no spam
    # An answer comes in time as a rule
    eventually(lambda: fill_in_forms(blog, url="https://escort-paris.example") == KEPT_BACK, within_s=20)
    eventually(lambda: fill_in_forms(blog, name="Best casino") == KEPT_BACK, within_s=20)
    assert fill_in_forms(blog, text="casino") == LET_THROUGH
    assert "The key may check messages from contact forms." in words(blog.fill_in(PAGE, "admin-post.php"))
    assert gavel.call("GET", "/v1/comments?limit=1")["comments"][0]["text"] != "casino"


def test_contact_forms_are_let_through_where_gavel_cannot_check_and_comments_go_on(
    blog: Blog, gavel: NewsroomGavel, post: int
) -> None:
    spam = {"url": "https://escort-paris.example"}
    unset = fill_in_forms(blog, **spam)
    check_forms(blog, gavel.url, gavel.key_with(Scope.READ, Scope.POST, Scope.MODERATE))
    forbidden, tested = fill_in_forms(blog, **spam), words(blog.fill_in(PAGE, "admin-post.php"))
    outage = blog.run("return get_option('gavel_away');")
    with gavel.away():
        away = fill_in_forms(blog, **spam)
    after = blog.run("return get_option('gavel_away');")
    blog.connect(gavel.url, gavel.key)

    assert [unset, forbidden, away] == [LET_THROUGH] * 3
    assert "Contact forms are not checked:" in tested and "score" in tested
    assert (outage, after) == (False, False)
    becomes(blog, blog.comment(post, CIVIL + " And so on."), "1")


def test_another_site_at_gavel_begins_anew(blog: Blog, gavel: NewsroomGavel, post: int) -> None:
    comment = held(blog, gavel, post)
    key, before = gavel.key, blog.run("return get_option('gavel_secrets');")

    blog.connect(gavel.url, other := gavel.other_site())
    blog.cron()

    assert blog.run("return get_option('gavel_site')['name'];") == "The Courier"
    assert not set(before) & set(blog.run("return get_option('gavel_secrets');"))
    gavel.key = other
    eventually(lambda: gavel.comment(comment)["status"] == "flagged", within_s=20)
    gavel.key = key
    blog.connect(gavel.url, key)
    blog.cron()


def test_in_a_browser_the_pages_are_whole(
    blog: Blog, gavel: NewsroomGavel, post: int, chromium: playwright_api.Browser, tmp_path: Any
) -> None:
    held(blog, gavel, post)
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": name, "value": value, "url": blog.url} for name, value in blog.cookies.items()])
    page, said = context.new_page(), []
    page.on("pageerror", lambda error: said.append(str(error)))

    page.goto(blog.url + PAGE)
    page.get_by_role("button", name="Test the connection").click()
    page.get_by_text("Gavel reaches this site").wait_for()
    assert page.get_by_label("Address of Gavel").input_value() == gavel.url
    assert page.get_by_label("Key").input_value() == ""
    page.screenshot(path=tmp_path / "settings.png")
    page.goto(blog.url + "/wp-admin/edit-comments.php")
    assert page.locator("td.column-gavel").first.inner_text().startswith("Held for a person")
    page.screenshot(path=tmp_path / "comments.png")

    context.close()
    assert said == []


def at(gavel: NewsroomGavel, key: str) -> NewsroomGavel:
    """The same Gavel as the site of another key sees it."""
    seen = replace(gavel, key=key)
    judge_toxicity_alone(seen.call)
    return seen


def test_in_a_network_one_site_may_have_the_plugin_alone(network: Network, gavel: NewsroomGavel) -> None:
    main, other = network.main, network.other
    courier = at(gavel, gavel.other_site("The Evening Courier"))

    failed = other.run("return activate_plugin('gavel/gavel.php');")
    other.connect(courier.url, courier.key)
    unread, held = main.comment(main.article(), VILE), other.comment(other.article(), VILE)

    assert failed is None
    assert network.tables() == {"net_2_gavel_comments"}
    assert main.status(unread) == "1"
    eventually(lambda: courier.comment(held)["status"] == "flagged", within_s=20)
    assert other.status(held) == "0"
    assert courier.call("GET", "/v1/site")["webhook_url"].startswith(f"{other.url}/")
    other.run("deactivate_plugins('gavel/gavel.php'); Gavel_Settings::is_on() && delete_option('gavel_settings');")


def test_in_a_whole_network_each_site_has_its_own_comments_at_gavel(network: Network, gavel: NewsroomGavel) -> None:
    papers = [(network.main, "The Papers"), (network.other, "The Late Courier")]
    network.main.run("return activate_plugin('gavel/gavel.php', '', true);")

    for blog, name in papers:
        site = at(gavel, gavel.other_site(name))
        blog.connect(site.url, site.key)
        tested = blog.run("return Gavel_Connection::test();")
        comment = held(blog, site, blog.article())

        assert [line["ok"] for line in tested] == [True] * 3
        assert site.call("GET", "/v1/site")["webhook_url"].startswith(f"{blog.url}/")
        author = blog.run("return Gavel_Bodies::guest_author('Dana@Mail.example');")
        assert site.comment(comment)["author"]["id"] == author
        decision = {"action": "publish", "version": site.comment(comment)["version"]}
        site.call("POST", f"/v1/comments/{comment}/decisions", decision)
        becomes(blog, comment, "1")
    assert network.tables() == {"net_gavel_comments", "net_2_gavel_comments"}


def test_a_plugin_of_a_whole_network_speaks_german_too(network: Network) -> None:
    german = (
        "add_filter('locale', fn() => 'de_AT'); unload_textdomain('gavel', true);"
        "return __('Address of Gavel', 'gavel');"
    )

    assert network.other.run(german) == "Adresse von Gavel"


def test_a_second_wordpress_is_refused_the_same_key(network: Network, gavel: NewsroomGavel) -> None:
    main, other = network.main, network.other
    site, own = at(gavel, gavel.other_site("The Shared Paper")), at(gavel, gavel.other_site("The Other Paper"))
    main.connect(site.url, site.key)
    other.run("delete_option('gavel_site'); return delete_option('gavel_cursor');")
    other.connect(site.url, site.key)

    waits = other.comment(other.article(), CIVIL)
    other.recover()
    other.run(f"return Gavel_Sync::settle({waits});")
    tested = other.run("return Gavel_Connection::test();")

    assert [line["ok"] for line in tested] == [False]
    assert "belongs to another WordPress" in tested[0]["text"] and f"{main.url}/" in tested[0]["text"]
    assert other.status(waits) == "0"
    assert site.call("GET", "/v1/comments")["comments"] == []
    assert site.call("GET", "/v1/site")["webhook_url"].startswith(f"{main.url}/")

    other.connect(own.url, own.key)
    other.cron()
    becomes(other, waits, "1")


def test_a_comment_of_another_wordpress_with_the_same_key_is_left_alone(network: Network, gavel: NewsroomGavel) -> None:
    main, other = network.main, network.other
    site = at(gavel, gavel.other_site("The Shared Paper for Years"))
    main.connect(site.url, site.key)
    known = main.run("return [get_option('gavel_site'), get_option('gavel_cursor')];")
    other.connect(site.url, site.key)
    connected = f"$known = json_decode({php(json.dumps(known))}, true); delete_option('gavel_away');"
    other.run(f"{connected} update_option('gavel_site', $known[0]); update_option('gavel_cursor', $known[1]);")
    for blog in (main, other):
        blog.run('return $wpdb->query("ALTER TABLE $wpdb->comments AUTO_INCREMENT = 500");')
    mine = main.comment(main.article(), CIVIL)
    becomes(main, mine, "1")

    theirs = other.comment(other.article(), VILE)

    assert theirs == mine
    assert site.comment(mine)["text"] == CIVIL
    row = other.row(theirs)
    assert row is not None and "already exists" in row["problem"]
    assert (main.status(mine), other.status(theirs)) == ("1", "0")
    assert [line["ok"] for line in other.run("return Gavel_Connection::test();")] == [True, True, False]

    site.call("POST", f"/v1/comments/{mine}/decisions", {"action": "flag", "version": site.comment(mine)["version"]})
    becomes(main, mine, "0")
    other.cron()
    assert (row["status"], (other.row(theirs) or {})["status"]) == ("", "")
    other.run(f"return wp_delete_comment({theirs}, true);")
    other.cron()
    assert other.row(theirs) is None
    assert site.comment(mine)["status"] == "flagged"


def test_the_same_words_on_the_same_article_are_still_anothers(network: Network, gavel: NewsroomGavel) -> None:
    site = at(gavel, gavel.other_site("The Paper of Both"))
    network.other.connect(site.url, site.key)
    comment = network.other.comment(network.other.article(), CIVIL)
    becomes(network.other, comment, "1")
    as_before = (
        f"$wpdb->update($wpdb->comments, ['comment_date_gmt' => '2019-05-01 09:00:00'], ['comment_ID' => {comment}]);"
    )
    network.other.run(f"{as_before} clean_comment_cache({comment}); Gavel_Store::forget({comment});")

    network.other.run(f"Gavel_Store::want({comment}); return Gavel_Sync::settle({comment});")

    assert "already exists" in (network.other.row(comment) or {})["problem"]


def test_a_key_in_wp_config_is_that_of_the_main_site_alone(network: Network) -> None:
    fixed = "define('GAVEL_KEY', 'gvl_of_wp_config'); return Gavel_Settings::key();"

    assert network.main.run(fixed) == "gvl_of_wp_config"
    assert network.other.run(fixed) != "gvl_of_wp_config"


def test_the_table_goes_with_its_site_of_a_network(network: Network) -> None:
    made = (
        "$id = wpmu_create_blog('third.localhost', '/', 'The Third', 1);"
        "switch_to_blog($id); Gavel_Store::prepare(); restore_current_blog(); return $id;"
    )
    id = network.main.run(made)
    before = network.tables()

    network.main.run(f"return wp_delete_site({id})->blog_id;")

    assert f"net_{id}_gavel_comments" in before
    assert f"net_{id}_gavel_comments" not in network.tables()


def test_uninstalling_cleans_each_site_of_a_network(network: Network, gavel: NewsroomGavel) -> None:
    blogs = network.main, network.other
    papers = [at(gavel, gavel.other_site(f"The last paper of {blog.prefix}")) for blog in blogs]
    for blog, site in zip(blogs, papers, strict=True):
        blog.connect(site.url, site.key)
        blog.run("Gavel_Events::schedule();")
    connected = [site.call("GET", "/v1/site")["webhook_url"] for site in papers]

    network.main.run("deactivate_plugins('gavel/gavel.php', false, true);")
    jobs = [blog.run("return (bool) wp_next_scheduled('gavel_cron');") for blog in blogs]
    network.main.run("return uninstall_plugin('gavel/gavel.php');")

    assert all(connected)
    assert jobs == [False, False]
    assert network.tables() == set()
    assert [blog.run(REMAINS) for blog in blogs] == [[[], [], []]] * 2
    assert [site.call("GET", "/v1/site")["webhook_url"] for site in papers] == [None, None]


def test_in_german_the_pages_are_german(blog: Blog, gavel: NewsroomGavel, post: int) -> None:
    comment = held(blog, gavel, post)

    for locale in ("de_DE", "de_DE_formal", "de_AT"):
        blog.run(f"return update_user_meta(1, 'locale', '{locale}');")
        page = words(blog.call("GET", PAGE))
        assert "Adresse von Gavel" in page and "Verbindung" in page
    row = blog.listed(comment)
    blog.run("return update_user_meta(1, 'locale', 'sw');")
    other = words(blog.call("GET", PAGE))
    blog.run("return delete_user_meta(1, 'locale');")

    assert row is not None and "Für die Moderation zurückgehalten Toxicity: 0.95 (Grenzwert 0.81)" in words_of(row)
    assert "Address of Gavel" in other


def test_php_had_nothing_to_complain_of(blog: Blog) -> None:
    assert blog.complaints == ""


def test_uninstalling_leaves_nothing(blog: Blog, gavel: NewsroomGavel) -> None:
    before = blog.run(REMAINS)

    blog.run("deactivate_plugins('gavel/gavel.php'); return uninstall_plugin('gavel/gavel.php');")

    assert len(before[0]) > 5 and before[1] and before[2]
    assert blog.run(REMAINS) == [[], [], []]
    assert gavel.call("GET", "/v1/site")["webhook_url"] is None
