"""A notice is rendered in the person's language, sent once over real SMTP, and its fate is known."""

import email
import io
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from email import policy
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from app.core import storage
from app.core.clock import now
from app.core.config import get_settings
from app.core.db import fetch, transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.events import Actor, system
from app.core.jobs import JobIntent, State
from app.notices import mail, services
from app.notices.models import Notice, NoticeTemplate
from app.notices.pdf import render
from app.people.models import Company
from tests.core.conftest import company as company
from tests.core.test_spine import add_employee
from worker.execute import run_intent

CONTEXT = {"number": "S-2026-000001"}


class Mailbox:
    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.answer = "250 OK"

    async def handle_RCPT(self, _server: SMTP, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if not self.answer.startswith("250"):
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:
        self.messages.append(email.message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    box, port = Mailbox(), free_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    monkeypatch.setattr(get_settings(), "smtp_url", f"smtp://127.0.0.1:{port}")
    yield box
    server.stop()


@pytest.fixture
def employee_id(company: UUID) -> UUID:
    return add_employee(work_email="ana@acme.example")


def issue(employee_id: UUID, **more: Any) -> list[Notice]:
    with transaction() as session:
        return services.issue(
            session, system("test"), "benefits.enrollment.approved", employee_id=employee_id, subject=("submission", uuid4()),
            context=CONTEXT, link_path="/benefits", **more,
        )  # fmt: skip


def send(company: UUID) -> None:
    with transaction() as session:
        ids = session.scalars(
            sa.select(JobIntent.id).where(JobIntent.kind == "notices.send", JobIntent.state == State.PENDING)
        ).all()
    for intent in ids:
        run_intent(str(company), str(intent))


def stored(notice_id: UUID) -> Notice:
    with transaction() as session:
        return fetch(session, Notice, notice_id)


def test_the_employee_gets_one_message_with_text_html_and_link(
    company: UUID, employee_id: UUID, mailbox: Mailbox
) -> None:
    notice = issue(employee_id)[0]
    send(company)
    send(company)
    assert len(mailbox.messages) == 1
    message = mailbox.messages[0]
    assert message["To"] == "ana@acme.example"
    assert message["Subject"] == "Your benefit choices are approved"
    assert message["Message-ID"] == f"<{notice.id}@corridor>"
    assert "Hello Ana" in message.get_body(("plain",)).get_content()
    assert f"{get_settings().base_url}/benefits" in message.get_body(("html",)).get_content()
    assert stored(notice.id).status == "sent"


def test_spanish_people_are_told_in_spanish(company: UUID, mailbox: Mailbox) -> None:
    issue(add_employee("2002", work_email="leo@acme.example", preferred_language="es"))
    send(company)
    assert mailbox.messages[0]["Subject"] == "Sus elecciones fueron aprobadas"
    assert "Abrir" in mailbox.messages[0].get_body(("html",)).get_content()


def test_an_attachment_travels(company: UUID, employee_id: UUID, mailbox: Mailbox) -> None:
    with transaction() as session:
        kept = storage.keep(session, b"%PDF-1.7", name="c.pdf", content_type="application/pdf", purpose="confirmation")
    issue(employee_id, attachment_id=kept.id)
    send(company)
    attached = next(mailbox.messages[0].iter_attachments())
    assert attached.get_content() == b"%PDF-1.7"


def test_the_logo_travels_with_the_message(company: UUID, employee_id: UUID, mailbox: Mailbox) -> None:
    with transaction() as session:
        kept = storage.keep(session, b"\x89PNG logo", name="logo.png", content_type="image/png", purpose="logo")
        session.flush()
        fetch(session, Company, company).logo_file_id = kept.id
    issue(employee_id)
    send(company)
    message = mailbox.messages[0]
    assert 'src="cid:logo"' in message.get_body(("html",)).get_content()
    pictures = [part for part in message.walk() if part.get_content_type() == "image/png"]
    assert [(part["Content-ID"], part.get_content()) for part in pictures] == [("<logo>", b"\x89PNG logo")]
    assert list(message.iter_attachments()) == []


def test_no_letter_waits_for_a_picture(company: UUID, employee_id: UUID, mailbox: Mailbox) -> None:
    with transaction() as session:
        fetch(session, Company, company).logo_file_id = uuid4()
    issue(employee_id)
    send(company)
    assert "cid:logo" not in mailbox.messages[0].get_body(("html",)).get_content()


def test_a_refused_address_bounces_and_can_be_sent_again(company: UUID, employee_id: UUID, mailbox: Mailbox) -> None:
    mailbox.answer = "550 no such person"
    notice = issue(employee_id)[0]
    send(company)
    assert (stored(notice.id).status, stored(notice.id).failure_code) == ("bounced", "recipient-refused")
    mailbox.answer = "250 OK"
    with transaction() as session:
        services.send_again(session, system("test"), notice.id)
    send(company)
    assert stored(notice.id).status == "sent"


def test_a_mail_server_away_is_tried_again(company: UUID, employee_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_settings(), "smtp_url", "smtp://127.0.0.1:1")
    notice = issue(employee_id)[0]
    send(company)
    assert (stored(notice.id).status, stored(notice.id).retry_count) == ("pending", 1)
    with transaction() as session:
        intent = session.scalars(sa.select(JobIntent).where(JobIntent.kind == "notices.send")).one()
        assert (intent.state, intent.last_error) == ("pending", "mail-server-away")


def test_only_a_failed_notice_is_sent_again(company: UUID, employee_id: UUID) -> None:
    notice = issue(employee_id)[0]
    with transaction() as session, pytest.raises(Conflict):
        services.send_again(session, system("test"), notice.id)


def test_the_same_news_is_told_once(company: UUID, employee_id: UUID) -> None:
    subject = ("submission", uuid4())
    for expected in (2, 0):
        with transaction() as session:
            made = services.issue(
                session,
                system("test"),
                "benefits.enrollment.approved",
                employee_id=employee_id,
                subject=subject,
                context=CONTEXT,
            )
            assert len(made) == expected


def test_nobody_and_unknown_kinds_are_refused(company: UUID, employee_id: UUID) -> None:
    with transaction() as session:
        with pytest.raises(NotFound):
            services.issue(
                session,
                system("t"),
                "benefits.enrollment.approved",
                user_id=uuid4(),
                subject=("x", uuid4()),
                context={},
            )
        with pytest.raises(NotFound):
            services.issue(
                session, system("t"), "no.such.kind", employee_id=employee_id, subject=("x", uuid4()), context={}
            )


def editable(session: Any) -> NoticeTemplate:
    return services.template_for(session, "benefits.enrollment.approved", "en")


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's side of TLS for `localhost`, with a certificate this process trusts."""
    certificate, key = certificate_of("localhost")
    (tmp_path / "cert.pem").write_bytes(certificate)
    (tmp_path / "key.pem").write_bytes(key)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    return context


def certificate_of(host: str) -> tuple[bytes, bytes]:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now() - timedelta(days=1))
        .not_valid_after(now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
    )
    form = Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    return made.public_bytes(Encoding.PEM), key.private_bytes(*form)


def a_message() -> Any:
    return mail.compose(to="ana@acme.example", subject="Hello", text="Hi", html="<p>Hi</p>", message_id="<1@x>")


@contextmanager
def mail_server(scheme: str, user: str = "", **options: Any) -> Iterator[Mailbox]:
    box = Mailbox()
    kind = Controller(box, hostname="localhost", port=free_port(), **options)
    kind.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(get_settings(), "smtp_url", f"{scheme}://{user}localhost:{kind.port}")
        yield box
    kind.stop()


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_mail_goes_over_tls_whenever_the_server_can(scheme: str, tls: ssl.SSLContext) -> None:
    options = {"tls_context": tls, "require_starttls": True} if scheme == "smtp" else {"ssl_context": tls}
    with mail_server(scheme, **options) as box:
        mail.send(a_message())
        assert [message["Subject"] for message in box.messages] == ["Hello"]


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_certificate_nobody_vouches_for_is_refused(
    scheme: str, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    options = {"tls_context": tls} if scheme == "smtp" else {"ssl_context": tls}
    with mail_server(scheme, **options) as box:
        with pytest.raises(mail.MailFailed, match="mail-server-away"):
            mail.send(a_message())
        assert box.messages == []


def test_no_password_and_in_production_no_mail_goes_without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_server("smtp") as box:
        mail.send(a_message())
        assert len(box.messages) == 1, "the sandbox has no TLS"
        monkeypatch.setattr(get_settings(), "environment", "production")
        with pytest.raises(mail.MailFailed, match="mail-server-without-tls"):
            mail.send(a_message())
        monkeypatch.setattr(get_settings(), "smtp_demand_tls", False)
        mail.send(a_message())
        assert len(box.messages) == 2
    with mail_server("smtp", user="me:secret@") as box:
        with pytest.raises(mail.MailFailed, match="mail-server-without-tls"):
            mail.send(a_message())
        assert box.messages == []


def test_an_edited_text_is_a_new_version(company: UUID, employee_id: UUID, mailbox: Mailbox) -> None:
    with transaction() as session:
        services.edit_template(
            session, system("t"), editable(session).id, subject="Approved!", body="Dear {{ name }}, yes."
        )
    issue(employee_id)
    send(company)
    assert mailbox.messages[0]["Subject"] == "Approved!"
    with transaction() as session:
        assert editable(session).version == 2


@pytest.mark.parametrize(
    ("subject", "body"),
    [("Hi {{ name }}", "x"), ("Hi", "{{ nobody }}"), ("Hi", "{% for %}"), ("Hi", "{{ ''.__class__.__mro__ }}")],
)
def test_a_text_that_cannot_work_is_refused(company: UUID, subject: str, body: str) -> None:
    with transaction() as session, pytest.raises(Invalid):
        services.edit_template(session, system("t"), editable(session).id, subject=subject, body=body)


def test_two_editors_do_not_overwrite_each_other(company: UUID) -> None:
    with transaction() as session:
        first = editable(session).id
        services.edit_template(session, system("t"), first, subject="One", body="x")
        with pytest.raises(Conflict):
            services.edit_template(session, system("t"), first, subject="Two", body="y")


def test_every_default_renders_in_both_languages(company: UUID) -> None:
    with transaction() as session:
        for template in services.templates(session):
            assert services.render_notice(template.body, template.language, **services.EXAMPLE)
            assert "{" not in template.subject


def test_my_inbox_is_mine(company: UUID, employee_id: UUID) -> None:
    issue(employee_id)
    with transaction() as session:
        assert services.inbox(session, Actor(company, kind="user", user_id=uuid4())) == []


def test_a_pdf_is_tagged_and_fetches_nothing(tmp_path: Any) -> None:
    import pikepdf

    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    html = (
        f"<!doctype html><html lang='en'><head><title>T</title><link rel='attachment' href='file://{secret}'></head>"
        "<body><h1>Coverage</h1><p>From <b>January</b></p><table><caption>c</caption><thead><tr><th>Plan</th></tr></thead>"
        "<tbody><tr><td>PPO</td></tr></tbody></table></body></html>"
    )
    data = render(html, title="Your coverage", language="en")
    with pikepdf.open(io.BytesIO(data)) as document:
        assert document.Root.MarkInfo.Marked
        assert str(document.Root.Lang).startswith("en")
        assert "/StructTreeRoot" in document.Root
        assert "/EmbeddedFiles" not in document.Root.get("/Names", {})
        assert document.docinfo["/Title"] == "Your coverage"
    assert b"secret" not in data


def test_dates_and_money_follow_the_language() -> None:
    from app.notices.templating import documents

    source = "{{ amount | money }} {{ day | long_date }}"
    english = documents("en").from_string(source).render(amount=1234.5, day=date(2026, 12, 1))
    spanish = documents("es").from_string(source).render(amount=1234.5, day=date(2026, 12, 1))
    assert english == "$1,234.50 December 1, 2026"
    assert spanish == "$1,234.50 1 de diciembre de 2026"
