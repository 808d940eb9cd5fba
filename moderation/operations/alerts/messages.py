"""One message of several alerts, and its form for each channel. Names are data there: they mention nobody and are no
markup."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import urlencode

from moderation.operations.alerts import wording
from moderation.operations.alerts.values import Alert, AlertKind, Channel

PATHS: Mapping[AlertKind, str] = {
    AlertKind.THREAT: "/desk/review",
    AlertKind.FLAGGER: "/desk/review",
    AlertKind.QUEUE_SIZE: "/desk/review",
    AlertKind.QUEUE_AGE: "/desk/review",
    AlertKind.SURGE: "/desk/review",
    AlertKind.PROMISE: "/desk/learning",
    AlertKind.SECOND_READER: "/desk/second-readers",
    AlertKind.WEBHOOK: "/desk/alerts",  # the failed events are on a page for admins
}
TITLES = 3
MOST_TEXT = 300
SILENT = "\u200b"  # after a sign that would begin a mention or markup


@dataclass(frozen=True, slots=True)
class MessageLine:
    text: str
    link: str | None = None


@dataclass(frozen=True, slots=True)
class AlertMessage:
    title: str
    lines: tuple[MessageLine, ...]
    button: str


def of_alerts(
    alerts: Sequence[Alert], *, site_id: str, site: str, language: str, public_url: str, texts: Mapping[str, str]
) -> AlertMessage:
    """A line for each kind. ``texts`` has those of comments that may be shown, by id."""
    lines = []
    for kind in AlertKind:
        mine = [alert for alert in alerts if alert.kind is kind]
        if mine:
            link = f"{public_url.rstrip('/')}{_path(mine, site_id)}" if public_url else None
            lines.append(MessageLine(_words(kind, mine, language, texts), link))
    return AlertMessage(plain(wording.TITLE[language].format(site=site)), tuple(lines), wording.OPEN[language])


def of_test(*, site: str, language: str) -> AlertMessage:
    title = plain(wording.TITLE[language].format(site=site))
    return AlertMessage(title, (MessageLine(wording.TEST[language]),), wording.OPEN[language])


def plain(text: str) -> str:
    """On one line, without control characters and those that turn the order of letters."""
    spaced = re.sub(r"\s+", " ", text)
    return "".join(sign for sign in spaced if unicodedata.category(sign) not in ("Cc", "Cf", "Zl", "Zp", "Cs")).strip()


def body(message: AlertMessage, channel: Channel) -> bytes:
    """The JSON for an incoming webhook."""
    return json.dumps(_FORMS[channel](message), ensure_ascii=False).encode()


def mail(message: AlertMessage, *, sender: str, to: str, message_id: str) -> EmailMessage:
    """Plain text: a mail program makes no markup of names. The id stays when a message is tried again."""
    letter = EmailMessage()
    letter["Subject"], letter["From"], letter["To"] = message.title, sender, to
    letter["Message-ID"] = f"<{message_id}@gavel.invalid>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content("\n\n".join("\n".join(filter(None, (line.text, line.link))) for line in message.lines) + "\n")
    return letter


def _path(alerts: Sequence[Alert], site_id: str) -> str:
    """To the desk's page of these alerts, which are of one kind."""
    what, _, article_id = alerts[0].subject.partition(":")
    if what == "article" and len(alerts) == 1:
        return f"/desk/articles/{article_id}"
    return f"{PATHS[alerts[0].kind]}?{urlencode({'site': site_id})}"


def _words(kind: AlertKind, alerts: Sequence[Alert], language: str, texts: Mapping[str, str]) -> str:
    counts = [alert.facts["count"] for alert in alerts if "count" in alert.facts]
    subjects = {alert.subject for alert in alerts}
    words = wording.LINES[language][kind].format(count=counts[-1] if counts else len(subjects))
    titles = list(dict.fromkeys(title for alert in alerts if (title := plain(alert.facts.get("title", "")))))
    quoted = [plain(texts[alert.subject])[:MOST_TEXT] for alert in alerts if alert.subject in texts]
    return " · ".join([words, *titles[:TITLES], *(f"“{text}”" for text in quoted[:TITLES])])


def _slack(message: AlertMessage) -> dict[str, object]:
    """Without these three signs nothing is a mention: https://docs.slack.dev/messaging/formatting-message-text."""

    def safe(text: str) -> str:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    def line(part: MessageLine) -> str:
        return safe(part.text) + (f" <{part.link}|{safe(message.button)}>" if part.link else "")

    return {"text": "\n".join([safe(message.title), *map(line, message.lines)]), "unfurl_links": False}


def _mattermost(message: AlertMessage) -> dict[str, object]:
    """Mattermost reads Markdown, @names and Slack's <!channel>."""

    def safe(text: str) -> str:
        quiet = re.sub(r"[@<~#]", lambda sign: sign[0] + SILENT, text)
        return re.sub(r"([\\`*_{}\[\]()!|>])", r"\\\1", quiet).replace("://", f":{SILENT}//")

    def line(part: MessageLine) -> str:
        return f"- {safe(part.text)}" + (f" [{message.button}]({part.link})" if part.link else "")

    return {"text": "\n".join([f"**{safe(message.title)}**", *map(line, message.lines)])}


def _teams(message: AlertMessage) -> dict[str, object]:
    """The adaptive card that a flow of Workflows posts. Runs of text are no Markdown, unlike blocks of text."""
    runs = [message.title, *(line.text for line in message.lines)]
    blocks = [{"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text}]} for text in runs]
    links = dict.fromkeys(line.link for line in message.lines if line.link)
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.2",
        "body": blocks,
        "actions": [{"type": "Action.OpenUrl", "title": message.button, "url": link} for link in links],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


_FORMS = {Channel.SLACK: _slack, Channel.MATTERMOST: _mattermost, Channel.TEAMS: _teams}
