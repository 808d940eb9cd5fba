"""Small exports of each kind, with the oddities of the real ones."""

from __future__ import annotations

import json

DISQUS = """<?xml version="1.0" encoding="utf-8"?>
<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <category dsq:id="1"><forum>herald</forum><title>General</title></category>
  <thread dsq:id="100"><id>tram-7</id><forum>herald</forum><category dsq:id="1"/>
    <link>https://herald.example/tram</link><title>The tram line opens</title></thread>
  <thread dsq:id="101"><id/><forum>herald</forum><link>https://herald.example/ferry</link><title/></thread>
  <post dsq:id="9001"><id/><message><![CDATA[<p>Long overdue &amp; welcome.</p><p>See <a href="https://city.example/plan"
    rel="nofollow">the plan</a>.</p>]]></message><createdAt>2019-05-01T09:00:00Z</createdAt><isDeleted>false</isDeleted>
    <isSpam>false</isSpam><author><name>Ana Reader</name><username>ana</username></author>
    <thread dsq:id="100"/></post>
  <post dsq:id="9002"><id/><message><![CDATA[<p>Agreed.</p>]]></message><createdAt>2019-05-01T10:00:00Z</createdAt>
    <isDeleted>false</isDeleted><isSpam>false</isSpam><author><name>Guest</name><isAnonymous>true</isAnonymous></author>
    <thread dsq:id="100"/><parent dsq:id="9001"/></post>
  <post dsq:id="9003"><id/><message><![CDATA[<p>Buy pills</p>]]></message><createdAt>2019-05-02T10:00:00Z</createdAt>
    <isDeleted>true</isDeleted><isSpam>true</isSpam><author><name>Pills</name><username>pills</username></author>
    <thread dsq:id="101"/></post>
  <post dsq:id="9004"><id/><message><![CDATA[<p>Gone.</p>]]></message><createdAt>2019-05-02T11:00:00Z</createdAt>
    <isDeleted>true</isDeleted><isSpam>false</isSpam><author><name>Ben</name><username>ben</username></author>
    <thread dsq:id="101"/></post>
  <post dsq:id="9005"><id/><message/><createdAt>2019-05-02T12:00:00Z</createdAt><isDeleted>false</isDeleted>
    <isSpam>false</isSpam><author><name>Ben</name><username>ben</username></author><thread dsq:id="101"/></post>
  <post dsq:id="9006"><id/><message><![CDATA[Where?]]></message><createdAt>2019-05-02T12:00:00Z</createdAt>
    <author><name>Ben</name></author><thread dsq:id="999"/></post>
</disqus>
"""


def _wordpress_comment(
    number: int, approved: str, content: str, *, kind: str = "", parent: int = 0, **more: str
) -> str:
    fields = {
        "author": "Carla",
        "author_email": "Carla@Mail.example",
        "author_IP": "203.0.113.9",
        "date": "2020-02-01 10:00:00",
        "date_gmt": "2020-02-01 09:00:00",
        "user_id": "0",
        **more,
    }
    inner = "".join(f"<wp:comment_{name}>{value}</wp:comment_{name}>" for name, value in fields.items())
    return (
        f"<wp:comment><wp:comment_id>{number}</wp:comment_id>{inner}"
        f"<wp:comment_content><![CDATA[{content}]]></wp:comment_content><wp:comment_approved>{approved}</wp:comment_approved>"
        f"<wp:comment_type>{kind}</wp:comment_type><wp:comment_parent>{parent}</wp:comment_parent></wp:comment>"
    )


WORDPRESS = (
    '<?xml version="1.0" encoding="UTF-8"?><!-- generator="WordPress/6.4" -->'
    '<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Herald</title>'
    "<item><title>The harbour</title><link>https://herald.example/?p=5</link>"
    '<category domain="post_tag" nicename="sea"><![CDATA[sea]]></category>'
    '<category domain="category" nicename="local"><![CDATA[Local]]></category><wp:post_id>5</wp:post_id>'
    + _wordpress_comment(11, "1", "First!<br />Second line.", kind="comment")
    + _wordpress_comment(12, "1", "A reply from the desk", parent=11, user_id="3", author="Desk")
    + _wordpress_comment(13, "spam", "Cheap <b>watches</b>")
    + _wordpress_comment(14, "trash", "You are all fools")
    + _wordpress_comment(15, "0", "Waiting")
    + _wordpress_comment(16, "1", "[...] trackback [...]", kind="trackback")
    + _wordpress_comment(17, "1", "Ping", kind="pingback")
    + _wordpress_comment(18, "imported", "Odd status")
    + "</item><item><title>No comments</title><link>https://herald.example/?p=6</link><wp:post_id>6</wp:post_id></item>"
    "</channel></rss>"
)

# As WordPress writes it: the article's meta data before its comments, and texts as they were pasted
WORDPRESS_ODDITIES = (
    '<?xml version="1.0" encoding="UTF-8" ?>\n<!-- generator="WordPress/6.6.2" created="2024-11-02 08:14" -->\n'
    '<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wp="http://wordpress.org/export/1.2/"><channel>'
    "<title>Herald</title><wp:wxr_version>1.2</wp:wxr_version>"
    "<item><title><![CDATA[The\x02 harbour]]></title><link>https://herald.example/?p=5</link><wp:post_id>5</wp:post_id>"
    "<wp:post_date><![CDATA[2020-01-31 20:00:00]]></wp:post_date>"
    "<wp:post_date_gmt><![CDATA[2020-01-31 18:00:00]]></wp:post_date_gmt><wp:status><![CDATA[trash]]></wp:status>"
    "<wp:postmeta><wp:meta_key><![CDATA[_wp_trash_meta_time]]></wp:meta_key>"
    "<wp:meta_value><![CDATA[1612137600]]></wp:meta_value></wp:postmeta>"
    "<wp:postmeta><wp:meta_key><![CDATA[_wp_trash_meta_comments_status]]></wp:meta_key><wp:meta_value>"
    '<![CDATA[a:4:{i:21;s:1:"1";i:22;s:1:"0";i:23;s:4:"spam";i:12;s:1:"1";}]]></wp:meta_value></wp:postmeta>'
    + _wordpress_comment(21, "post-trashed", "Published before")
    + _wordpress_comment(22, "post-trashed", "Waited before")
    + _wordpress_comment(23, "post-trashed", "Spam before")
    + _wordpress_comment(2, "post-trashed", "Not in the list")
    + _wordpress_comment(24, "1", "A pasted\x0bline, back\x08space and soft\x1fhyphen")
    + _wordpress_comment(25, "1", "No time in UTC", date_gmt="")
    + _wordpress_comment(26, "1", "Zeros for a time", date_gmt="0000-00-00 00:00:00")
    + _wordpress_comment(27, "1", "No time at all", date="", date_gmt="")
    + _wordpress_comment(28, "1", "First Anna", author="Anna", author_email="")
    + _wordpress_comment(29, "1", "Second Anna", author="Anna\x07", author_email="")
    + _wordpress_comment(30, "1", "Referenced", author="Otto&#8;&#x1F;&#233;", author_email="otto@mail.example")
    + _wordpress_comment(31, "1", "Half a word: caf\udce9")
    + _wordpress_comment(32, "1", "After all that")
    + "</item></channel></rss>"
).encode(errors="surrogateescape")

CORAL_STORIES = json.dumps(
    {"_id": 1, "id": "s-1", "url": "https://herald.example/park", "metadata": {"title": "The park", "section": "City"}}
)
CORAL_USERS = json.dumps({"id": "u-1", "username": "dora", "email": "dora@mail.example"})


def _coral(name: str, status: str, **more: object) -> str:
    document = {
        "_id": {"$oid": "5f"},
        "tenantID": "t",
        "id": name,
        "storyID": "s-1",
        "authorID": "u-1",
        "revisions": [
            {"id": "r0", "body": "<div>Old</div>", "createdAt": {"$date": "2021-01-01T00:00:00Z"}},
            {"id": "r1", "body": f"<div>Text of {name}</div>", "createdAt": {"$date": "2021-01-02T00:00:00Z"}},
        ],
        "status": status,
        "tags": [],
        "createdAt": {"$date": "2021-01-01T00:00:00.000Z"},
        "deletedAt": None,
        **more,
    }
    return json.dumps(document)


CORAL = "\n".join(
    (
        _coral("c-1", "APPROVED"),
        _coral("c-2", "NONE", parentID="c-1", createdAt={"$date": {"$numberLong": "1609545600000"}}),
        _coral("c-3", "REJECTED"),
        _coral("c-4", "PREMOD"),
        _coral("c-5", "SYSTEM_WITHHELD"),
        _coral("c-6", "APPROVED", revisions=[], deletedAt={"$date": "2021-03-01T00:00:00Z"}),
        _coral("c-7", "APPROVED", revisions=[]),
        '{"id": "c-8", ',
    )
)
_FEATURED = {"type": "FEATURED", "createdBy": "m-1", "createdAt": {"$date": "2021-01-03T12:00:00.000Z"}}
CORAL_PICKS = (
    _coral("p-1", "APPROVED", tags=[{"type": "STAFF"}, _FEATURED]),
    _coral("p-2", "NONE", tags=[{"type": "FEATURED", "createdBy": "m-1"}]),
    _coral("p-3", "REJECTED", tags=[_FEATURED]),
    _coral("p-4", "APPROVED", tags=[{"type": "UNMODERATED"}]),
)

CSV = (
    "\ufeffcomment_id,story,user,body,when,state,why\r\n"
    '1,a-1,u-1,"Well said, ""neighbour"".\nTwo lines.",2018-03-01T10:00:00+01:00,approved,\r\n'
    "2,a-1,u-2,You fool,2018-03-01T11:00:00Z,blocked,Insult or abuse\r\n"
    "3,a-1,u-2,Later,2018-03-01T11:00:00Z,pending,\r\n"
    "4,a-1,u-2,No zone,2018-03-01T11:00:00,approved,\r\n"
    "5,a-1,u-2\r\n"
)
CSV_COLUMNS = {
    "id": "comment_id",
    "article_id": "story",
    "author_id": "user",
    "text": "body",
    "posted_at": "when",
    "status": "state",
    "reason": "why",
}
CSV_STATUSES = {"approved": "published", "blocked": "rejected", "pending": "skip"}
