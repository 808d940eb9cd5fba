"""A site's settings: the fields of all groups, each declared in its subject's room. Those of the whole installation are
in ``moderation.ground.environment.settings``."""

from __future__ import annotations

from typing import Any, Self

from moderation.insight.checks.settings import BiasSettings, CheckSettings
from moderation.judging.policy.settings import LanguageSettings
from moderation.law.appeals.settings import AppealSettings
from moderation.law.notices.settings import NoticeSettings
from moderation.law.statements.settings import StatementSettings
from moderation.moderators.authors.settings import LadderSettings
from moderation.moderators.queue.settings import DutySettings
from moderation.moderators.review.settings import ReasonSettings
from moderation.operations.operating.deleting.settings import RetentionSettings
from moderation.pipeline.arriving.settings import PostingSettings
from moderation.pipeline.drafts.settings import AkismetSettings, PerspectiveSettings
from moderation.pipeline.waiting.settings import OutageSettings
from moderation.readers.pages.settings import BoxModeratorSettings, PageSettings
from moderation.sites.settings.declarations import Declaration, declarations_of
from moderation.spine.events.settings import CoralSettings, WebhookSettings
from moderation.spine.second_readings.settings import SecondReaderSettings


class SiteSettings(
    WebhookSettings,
    OutageSettings,
    RetentionSettings,
    ReasonSettings,
    LadderSettings,
    DutySettings,
    StatementSettings,
    NoticeSettings,
    AppealSettings,
    PostingSettings,
    PageSettings,
    BoxModeratorSettings,
    LanguageSettings,
    CheckSettings,
    BiasSettings,
    SecondReaderSettings,
    PerspectiveSettings,
    AkismetSettings,
    CoralSettings,
):
    """A new site has the defaults. ``docs/site-settings.md`` explains each field."""

    def changed(self, **values: Any) -> Self:
        """The settings with these values, which are not checked. Raises TypeError for a name that no setting has."""
        if unknown := values.keys() - DECLARED.keys():
            raise TypeError(f"no setting has the name {min(unknown)}")
        return self.model_copy(update=values)


DECLARED: dict[str, Declaration] = {
    declaration.name: declaration for group in SiteSettings.__bases__ for declaration in declarations_of(group)
}
"""Every setting by its name, in the order of the groups."""
