"""All tables, together: for migrations, and for all that goes through every table."""

from __future__ import annotations

from moderation.ground.database import tables as database
from moderation.ground.database.columns import metadata
from moderation.insight.checks import tables as checks
from moderation.insight.learning import tables as learning
from moderation.insight.learning.shadows import tables as learning_shadows
from moderation.insight.trends import tables as trends
from moderation.law.appeals import tables as appeals
from moderation.law.modes import tables as modes
from moderation.law.notices import tables as notices
from moderation.moderators.campaigns import tables as campaigns
from moderation.moderators.finding import tables as finding
from moderation.moderators.queue import tables as queue
from moderation.moderators.review import tables as review
from moderation.operations.alerts import tables as alerts
from moderation.pipeline.drafts import tables as drafts
from moderation.pipeline.rescoring import tables as rescoring
from moderation.readers.pages import tables as pages
from moderation.sites import tables as sites
from moderation.sites.audit import tables as sites_audit
from moderation.sites.people import tables as sites_people
from moderation.sites.rules import tables as sites_rules
from moderation.sites.second_readers import tables as sites_second_readers
from moderation.spine.articles import tables as articles
from moderation.spine.comments import tables as comments
from moderation.spine.domains import tables as domains
from moderation.spine.events import tables as events
from moderation.spine.second_readings import tables as second_readings

# Each of these modules adds its tables to the metadata when it is imported
ROOMS = (
    alerts,
    appeals,
    articles,
    campaigns,
    checks,
    comments,
    database,
    domains,
    drafts,
    events,
    finding,
    learning,
    learning_shadows,
    modes,
    pages,
    notices,
    queue,
    rescoring,
    review,
    second_readings,
    sites,
    sites_audit,
    sites_people,
    sites_rules,
    sites_second_readers,
    trends,
)

finding.attach(metadata)

__all__ = ["ROOMS", "metadata"]
