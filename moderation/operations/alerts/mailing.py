"""One mail by the operator's SMTP server."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage

from moderation.ground.environment.settings import Settings
from moderation.ground.webhooks.sending import NotSent


@dataclass(frozen=True, slots=True)
class Mailer:
    """Without a host there is no mail. ``tls`` and ``starttls`` check the server's certificate."""

    host: str
    sender: str
    port: int = 587
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    timeout_s: float = 10.0
    context: ssl.SSLContext | None = None

    def send(self, letter: EmailMessage) -> None:
        """Raises NotSent, in words without the password."""
        if not self.host or not self.sender:
            raise NotSent("no mail server is set: SMTP_HOST and SMTP_FROM")
        try:
            with self._connection() as smtp:
                if self.security == "starttls":
                    smtp.starttls(context=self._context)
                if self.user:
                    smtp.login(self.user, self.password)
                smtp.send_message(letter)
        except smtplib.SMTPAuthenticationError as e:
            raise NotSent("the mail server refused the user or the password") from e
        except smtplib.SMTPResponseException as e:
            raise NotSent(f"the mail server answered {e.smtp_code}") from e
        except (smtplib.SMTPException, OSError, ValueError) as e:
            raise NotSent(f"the mail could not be sent ({type(e).__name__})") from e

    @property
    def _context(self) -> ssl.SSLContext:
        return self.context or ssl.create_default_context()

    def _connection(self) -> smtplib.SMTP:
        if self.security == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout_s, context=self._context)
        return smtplib.SMTP(self.host, self.port, timeout=self.timeout_s)


def of(settings: Settings) -> Mailer:
    return Mailer(
        settings.smtp_host,
        settings.smtp_from,
        settings.smtp_port,
        settings.smtp_security,
        settings.smtp_user,
        settings.smtp_password,
        settings.webhook_timeout_s,
    )
