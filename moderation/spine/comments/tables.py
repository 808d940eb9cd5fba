"""The tables of comments: edits, facts of arrival, fingerprints, links, scorings and decisions; and of the reports and
notices about them, which the statement of a decision counts."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.ground.database.columns import Id, Json, id_column, metadata, moment, partial_index, reference

EVER = "version > 0"

"""True of every comment: only a query that says so may walk a site's past. To SQLite, which knows nothing of how many
comments a site has, that index would else look as good as the right one."""

IN_LISTS = "version >= 1"

"""Also true of every comment, for the same reason: only the API's lists over a site walk it status by status."""

IS_WAITING = "status = 'waiting'"

IN_QUEUE = "status = 'flagged' AND escalated_at IS NULL"

ESCALATED = "status = 'flagged' AND escalated_at IS NOT NULL"

NOTICED_ONLINE = "status = 'published' AND noticed_at IS NOT NULL"

IN_CAMPAIGN = "campaign_id IS NOT NULL"

IS_REJECTED = "status = 'rejected'"

IS_FEATURED = "featured_at IS NOT NULL"

comments = sa.Table(
    "comments",
    metadata,
    id_column(),
    reference("site_id", "sites.id"),
    sa.Column("external_id", sa.String(200), nullable=False),
    reference("article_id", "articles.id"),
    reference("author_id", "authors.id"),
    reference("parent_id", "comments.id", nullable=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("language", sa.String(35)),
    sa.Column("judged_in", sa.String(35)),  # the main language of the newest scoring, or else the declared one
    sa.Column("lane", sa.String(20), nullable=False),
    sa.Column("cost", sa.Integer),  # of reading it, in pieces: see reading_cost; none of imports and older ones
    sa.Column("body_digest", sa.String(64), nullable=False),  # of the body as submitted, for idempotency
    sa.Column("request_id", sa.String(64)),  # of the request that brought the text, for the logs
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("toxicity", sa.Float),  # of the newest scoring, for queue order and histograms
    sa.Column("relevance", sa.Float),
    sa.Column("section", sa.String(100)),  # the article's when it was scored, for filters of the queue
    sa.Column("flagged_for", sa.String(50)),  # the first reason's signal or code while flagged
    sa.Column("priority", sa.Float, nullable=False, server_default="0"),
    sa.Column("reports", sa.Integer, nullable=False, server_default="0"),
    moment("escalated_at", nullable=True),  # a moderator asked a lead to decide
    sa.Column("campaign_id", Id),  # of the campaign that it is a copy in
    sa.Column("shares_only", sa.Boolean),  # a contact or a domain with the campaign, and not its text
    moment("noticed_at", nullable=True),  # while it is online: when the oldest open notice that it is illegal came
    moment("featured_at", nullable=True),  # an editor's pick, while it is published
    moment("posted_at"),
    moment("received_at"),
    moment("updated_at"),
    sa.UniqueConstraint("site_id", "external_id"),
    partial_index("ix_comments_site", "site_id", "id", where=EVER),
    sa.Index("ix_comments_article_listing", "article_id", "status", "posted_at", "id"),
    sa.Index("ix_comments_author_listing", "author_id", "posted_at", "id"),
    partial_index("ix_comments_parent", "parent_id", "id", where="parent_id IS NOT NULL"),
    partial_index("ix_comments_replies", "parent_id", "status", "posted_at", "id", where="parent_id IS NOT NULL"),
    partial_index("ix_comments_article_replies", "article_id", "status", "parent_id", where="parent_id IS NOT NULL"),
    partial_index("ix_comments_site_listing", "site_id", "status", "posted_at", "id", where=IN_LISTS),
    sa.Index("ix_comments_author_arrival", "author_id", "received_at"),
    partial_index("ix_comments_waiting", "updated_at", "id", where=IS_WAITING),
    partial_index("ix_comments_waiting_site", "site_id", "updated_at", "id", where=IS_WAITING),
    partial_index("ix_comments_queue", "site_id", "priority", "id", where=IN_QUEUE),
    partial_index("ix_comments_queue_age", "site_id", "id", where=IN_QUEUE),
    partial_index("ix_comments_queue_reason", "site_id", "flagged_for", "priority", "id", where=IN_QUEUE),
    partial_index("ix_comments_queue_section", "site_id", "section", "priority", "id", where=IN_QUEUE),
    partial_index("ix_comments_queue_judged_in", "site_id", "judged_in", "priority", "id", where=IN_QUEUE),
    partial_index("ix_comments_queue_toxicity", "site_id", "toxicity", "id", where=IN_QUEUE),
    partial_index("ix_comments_queue_relevance", "site_id", "relevance", "id", where=IN_QUEUE),
    partial_index("ix_comments_queue_article", "site_id", "article_id", "priority", "id", where=IN_QUEUE),
    partial_index("ix_comments_queue_author", "site_id", "author_id", "priority", "id", where=IN_QUEUE),
    partial_index("ix_comments_noticed", "site_id", "priority", "id", where=NOTICED_ONLINE),
    partial_index("ix_comments_escalated", "site_id", "escalated_at", "id", where=ESCALATED),
    partial_index("ix_comments_author_rejected", "author_id", "updated_at", where=IS_REJECTED),
    partial_index("ix_comments_campaign", "campaign_id", "status", "id", where=IN_CAMPAIGN),
    partial_index("ix_comments_featured", "site_id", "posted_at", "id", where=IS_FEATURED),
    partial_index("ix_comments_article_featured", "article_id", "posted_at", "id", where=IS_FEATURED),
)

comment_edits = sa.Table(
    "comment_edits",
    metadata,
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),  # the version that this text was replaced at
    sa.Column("text", sa.Text, nullable=False),  # as it was before the edit
    moment("replaced_at"),
)

HAS_ADDRESS = "address IS NOT NULL"

comment_facts = sa.Table(
    "comment_facts",
    metadata,
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), primary_key=True),
    sa.Column("site_id", Id, nullable=False),
    sa.Column("address", sa.String(64)),  # a keyed digest, for thirty days
    sa.Column("typed_s", sa.Float),
    sa.Column("website", sa.Text),  # that the author entered with this comment
    partial_index("ix_comment_facts_address", "site_id", "address", "comment_id", where=HAS_ADDRESS),
    partial_index("ix_comment_facts_age", "comment_id", where=HAS_ADDRESS),
)

fingerprint_bands = sa.Table(
    "fingerprint_bands",
    metadata,
    sa.Column("site_id", Id, primary_key=True),
    sa.Column("band", sa.Integer, primary_key=True),  # position and value in one number
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), primary_key=True),
    sa.Column("fingerprint", sa.BigInteger, nullable=False),  # signed 64 bits
    sa.Index("ix_fingerprint_bands_comment", "comment_id"),
)

BY_PEOPLE = "decided_by IN ('moderator', 'api')"

OF_PERSON = "moderator_id IS NOT NULL"

scorings = sa.Table(
    "scorings",
    metadata,
    id_column(),
    reference("comment_id", "comments.id"),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("signals", Json, nullable=False),
    sa.Column("models", Json, nullable=False),
    sa.Column("language", sa.String(35)),
    sa.Column("seconds", sa.Float, nullable=False),
    moment("created_at"),
    sa.Index("ix_scorings_comment", "comment_id", "id"),
)

decisions = sa.Table(
    "decisions",
    metadata,
    id_column(),
    reference("site_id", "sites.id"),
    reference("comment_id", "comments.id"),
    sa.Column("version", sa.Integer, nullable=False),  # the comment version that was decided
    sa.Column("action", sa.String(20), nullable=False),
    sa.Column("status_before", sa.String(20), nullable=False),
    sa.Column("status_after", sa.String(20), nullable=False),
    sa.Column("decided_by", sa.String(20), nullable=False),
    reference("moderator_id", "moderators.id", nullable=True),
    sa.Column("policy_version", sa.Integer),
    reference("scoring_id", "scorings.id", nullable=True),
    sa.Column("reasons", Json, nullable=False),
    sa.Column("category", sa.String(50)),  # the reason of a rejection, by its name of earlier versions
    sa.Column("note", sa.Text),
    reference("undoes", "decisions.id", nullable=True),
    sa.Column("batch_id", Id),
    sa.Column("featured", sa.Boolean),  # true made the comment an editor's pick, false ended that; else NULL
    moment("created_at"),
    sa.UniqueConstraint("comment_id", "version"),
    sa.Index("ix_decisions_history", "site_id", "id"),
    sa.Index("ix_decisions_moderator", "moderator_id", "id"),
    partial_index("ix_decisions_person", "site_id", "moderator_id", "id", where=OF_PERSON),
    partial_index("ix_decisions_people", "site_id", "id", where=BY_PEOPLE),
    partial_index("ix_decisions_batch", "batch_id", "id", where="batch_id IS NOT NULL"),
    # a foreign key without an index makes the database read the whole table for each row that is deleted
    sa.Index("ix_decisions_scoring", "scoring_id"),
    partial_index("ix_decisions_undoes", "undoes", where="undoes IS NOT NULL"),
)

reports = sa.Table(
    "reports",
    metadata,
    sa.Column("comment_id", Id, sa.ForeignKey("comments.id"), primary_key=True),
    sa.Column("reporter_id", sa.String(200), primary_key=True),
    sa.Column("reason", sa.String(50), nullable=False),
    sa.Column("note", sa.Text),
    moment("created_at"),
    sa.Index("ix_reports_reporter", "reporter_id", "comment_id"),
)

notices = sa.Table(
    "notices",
    metadata,
    id_column(),
    reference("site_id", "sites.id"),
    reference("comment_id", "comments.id"),
    sa.Column("explanation", sa.Text, nullable=False),  # why it is illegal; empty after an erasure
    sa.Column("category", sa.String(100), nullable=False),  # the EU's
    sa.Column("name", sa.String(200)),  # of the notifier, here and below; only as long as an answer may need it
    sa.Column("email", sa.String(254)),
    sa.Column("reader_id", sa.String(200)),  # the site's own
    sa.Column("flagger", sa.String(100)),  # a trusted flagger's key, by its name
    sa.Column("language", sa.String(2), nullable=False),  # of the answer
    sa.Column("notifier", sa.String(300)),  # whose it is, however written; goes with the address where it is one
    sa.Column("key_id", Id),  # of the key that it came by
    sa.Column("place", sa.String(20)),  # in the queue
    sa.Column("hid", sa.Boolean, nullable=False, server_default=sa.false()),
    moment("received_at"),
    sa.Column("outcome", sa.String(20)),  # NULL while it waits for a person
    reference("decision_id", "decisions.id", nullable=True),
    sa.Column("event_id", Id),  # of the answer
    sa.Column("answer", sa.Text),  # the moderator's own words
    moment("decided_at", nullable=True),
    sa.Index("ix_notices_site", "site_id", "id"),
    sa.Index("ix_notices_comment", "comment_id", "id"),
    sa.Index("ix_notices_received", "site_id", "received_at", "id"),
    partial_index("ix_notices_reader", "site_id", "reader_id", "id", where="reader_id IS NOT NULL"),
    partial_index("ix_notices_notifier", "site_id", "notifier", "received_at", where="notifier IS NOT NULL"),
    partial_index("ix_notices_open", "site_id", "received_at", "id", where="outcome IS NULL"),
    partial_index("ix_notices_first", "site_id", "received_at", where="place = 'first'"),
    partial_index("ix_notices_decision", "decision_id", where="decision_id IS NOT NULL"),
    partial_index("ix_notices_decided", "site_id", "decided_at", "id", where="decided_at IS NOT NULL"),
)
