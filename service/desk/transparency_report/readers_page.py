"""The transparency report as a page for readers, on its own: no script, no link, and no address of Gavel."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader

from moderation.law.transparency_report.table import lines
from moderation.law.transparency_report.values import TransparencyReport
from service.desk.frame.sentences import formats
from service.desk.transparency_report import wording
from service.languages import choice
from service.languages.wording import gettext


def html(transparency: TransparencyReport) -> str:
    """In the language of the request, or of ``choice.speaking``."""
    environment = Environment(loader=PackageLoader("service"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("transparency_report.html").render(
        transparency=transparency,
        sections=wording.sections(lines(transparency)),
        day=formats.day,
        _=gettext,
        spoken=choice.current(),
    )
