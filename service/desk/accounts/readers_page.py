"""The account as a page for readers, on its own: no script, no link, and nothing of Gavel's address in it."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader

from moderation.law.accounts.table import lines
from moderation.law.accounts.values import YearlyAccount
from service.desk.accounts import wording
from service.languages import choice
from service.languages.wording import gettext


def html(account: YearlyAccount) -> str:
    """In the language of the request, or of ``choice.speaking``."""
    environment = Environment(loader=PackageLoader("service"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("account.html").render(
        account=account, sections=wording.sections(lines(account)), _=gettext, spoken=choice.current()
    )
