"""The settings of the pages that may show a site's comments."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from moderation.ground.declaring import Heading, SettingGroup, checked_by, different
from moderation.judging.text.contacts.address_form import MAX_ORIGIN_CHARS, origins_problems

MAX_ORIGINS = 20


class PageSettings(SettingGroup):
    """The pages that may read public comments."""

    about = Heading("Pages", "api.md#browsers")

    origins: Annotated[
        tuple[Annotated[str, Field(max_length=MAX_ORIGIN_CHARS)], ...],
        Field(
            title="Origins of pages that may read public comments",
            description="Each as browsers send it: scheme, host, unusual port.",
            max_length=MAX_ORIGINS,
        ),
        checked_by(origins_problems),
        checked_by(different),
    ] = ()
    comment_links: Annotated[
        bool,
        Field(
            title="Addresses in comments are links", description="In the comment box. Search engines do not count them."
        ),
    ] = True


class BoxModeratorSettings(SettingGroup):
    """Whether the site's server may name moderators, who then decide on its pages. No key turns this on: whoever had
    one, and the secret of readers' tokens, would decide in the name of any of them."""

    about = Heading("Moderators on your pages", "comments-on-your-pages.md")
    is_for_people = True

    moderators_in_box: Annotated[
        bool,
        Field(
            title="Moderators decide in the comment box",
            description="Your server names them in their tokens: a server that is broken into decides as any of them.",
        ),
    ] = False
