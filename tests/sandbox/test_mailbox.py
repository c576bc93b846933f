from __future__ import annotations

import smtplib
import time
import urllib.request
from email.message import EmailMessage

import pytest

from sandbox.client import Sandbox
from sandbox.launch import Running


def letter(to: str = "ana@example.com", subject: str = "Your coverage") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Corridor <no-reply@example.com>", to, subject
    message.set_content("See https://example.com/sign-in?token=abc. ¡Hola!")
    message.add_alternative('<p>See <a href="https://example.com/a">this</a><script>1</script></p>', "html")
    message.add_attachment(b"%PDF-1.7 fake", "application", "pdf", filename="notice.pdf")
    return message


def send(running: Running, message: EmailMessage) -> None:
    with smtplib.SMTP(running.host, running.smtp_port, timeout=10) as smtp:
        smtp.send_message(message)


def get(running: Running, path: str) -> tuple[str, str]:
    with urllib.request.urlopen(f"{running.client.url}{path}", timeout=10) as response:
        return response.read().decode(), response.headers["Content-Security-Policy"]


def test_a_message_is_kept_with_its_parts(running: Running, box: Sandbox) -> None:
    send(running, letter())
    send(running, letter("ben@example.com", "Bienvenido, señor"))
    newest, oldest = box.mailbox()
    assert (newest["subject"], newest["recipients"]) == ("Bienvenido, señor", ["ben@example.com"])
    assert "¡Hola!" in oldest["text"]
    assert '<a href="https://example.com/a">' in oldest["html"]
    assert oldest["attachments"] == [{"name": "notice.pdf", "type": "application/pdf", "bytes": 13}]
    assert [item["subject"] for item in box.wait_for_mail("ANA@example.com")] == ["Your coverage"]
    box.clear_mail()
    assert box.mailbox() == []


def test_the_pages_show_it_safely(running: Running, box: Sandbox) -> None:
    send(running, letter())
    number = box.mailbox()[0]["id"]
    assert f'href="/mail/{number}"' in get(running, "/mail?to=ana@example.com")[0]
    page, _ = get(running, f"/mail/{number}")
    assert '<a href="https://example.com/sign-in?token=abc">https://example.com/sign-in?token=abc</a>.' in page
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    html, policy = get(running, f"/mail/{number}/html")
    assert html.startswith('<base target="_blank">')
    assert policy.startswith("sandbox ")
    assert "allow-scripts" not in policy
    assert get(running, f"/mail/{number}/attachments/0")[0] == "%PDF-1.7 fake"


def test_refuse(running: Running, box: Sandbox) -> None:
    box.set_mail(refuse=True)
    with pytest.raises((smtplib.SMTPException, OSError)):
        send(running, letter())
    box.set_mail(refuse=False)
    send(running, letter())
    assert len(box.mailbox()) == 1


def test_bounce_and_defer(running: Running, box: Sandbox) -> None:
    box.set_mail(bounce="ana@example.com", defer="ben@example.com")
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(running, letter())
    assert refused.value.recipients["ana@example.com"][0] == 550
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(running, letter("ben@example.com"))
    assert refused.value.recipients["ben@example.com"][0] == 451
    send(running, letter("cleo@example.com"))
    assert len(box.mailbox()) == 1


def test_slow(running: Running, box: Sandbox) -> None:
    box.set_mail(slow_seconds=0.4)
    began = time.monotonic()
    send(running, letter())
    assert time.monotonic() - began >= 0.4
