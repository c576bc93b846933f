"""Outgoing e-mail over SMTP. Typed failures; the address and the text never enter an exception."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from app.core.config import get_settings

TIMEOUT_SECONDS = 20


class MailFailed(Exception):
    """`code` is stable; `final` means that trying again cannot help."""

    def __init__(self, code: str, *, final: bool) -> None:
        super().__init__(code)
        self.code, self.final = code, final


def compose(
    *,
    to: str,
    subject: str,
    text: str,
    html: str,
    message_id: str,
    attachment: tuple[str, bytes] | None = None,
    logo: bytes | None = None,
) -> EmailMessage:
    """A message with text and HTML parts and, optionally, one PDF; the HTML may show the logo (PNG) as `cid:logo`.

    The picture travels along: nothing is fetched when the mail is read, so nobody learns that it was.
    """
    message = EmailMessage()
    message["From"] = get_settings().mail_from
    message["To"] = to
    message["Subject"] = subject
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    if logo:
        shown = message.get_body(("html",))
        assert shown is not None
        shown.add_related(logo, "image", "png", cid="<logo>", disposition="inline", filename="logo.png")
    if attachment:
        message.add_attachment(attachment[1], maintype="application", subtype="pdf", filename=attachment[0])
    return message


def send(message: EmailMessage) -> None:
    """Hand a message to the mail server.

    Raises:
        MailFailed: refused for good (5xx for the recipient or the content), or away for now.
    """
    try:
        with _server() as server:
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as refused:
        codes = [code for code, _text in refused.recipients.values()]
        final = all(code >= 500 for code in codes)
        raise MailFailed("recipient-refused" if final else "recipient-deferred", final=final) from None
    except smtplib.SMTPAuthenticationError:
        raise MailFailed("mail-credentials-refused", final=False) from None
    except smtplib.SMTPResponseException as refused:
        raise MailFailed(f"mail-server-{refused.smtp_code}", final=refused.smtp_code >= 500) from None
    except (smtplib.SMTPException, OSError):
        raise MailFailed("mail-server-away", final=False) from None


def _demands_tls() -> bool:
    settings = get_settings()
    return settings.production and settings.smtp_demand_tls


def _encrypt(server: smtplib.SMTP, *, needed: bool) -> None:
    """STARTTLS whenever the server offers it, with its certificate checked; never a password without.

    Somebody in between can strike the offer out of the answer, so in production none is a failure.
    """
    server.ehlo()
    if server.has_extn("starttls"):
        server.starttls(context=ssl.create_default_context())
    elif needed:
        server.close()
        raise MailFailed("mail-server-without-tls", final=False)


def _server() -> smtplib.SMTP:
    address = urlsplit(get_settings().smtp_url)
    host = address.hostname or "127.0.0.1"
    if address.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, address.port or 465, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(host, address.port or 25, timeout=TIMEOUT_SECONDS)
        _encrypt(server, needed=bool(address.username) or _demands_tls())
    if address.username:
        server.login(unquote(address.username), unquote(address.password or ""))
    return server
