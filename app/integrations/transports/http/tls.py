"""Who we trust and, for mutual TLS, who we are."""

from __future__ import annotations

import secrets
import ssl
import tempfile
from dataclasses import dataclass, field
from functools import cache

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from app.integrations.failures import AuthFailed


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """PEM texts: our certificate with its chain, and its private key."""

    certificate: str = field(repr=False)
    private_key: str = field(repr=False)

    def ends_at(self) -> float:
        """When it expires, in seconds since 1970: an outage to warn of. Raises `AuthFailed` when it cannot be read."""
        try:
            return x509.load_pem_x509_certificate(self.certificate.encode()).not_valid_after_utc.timestamp()
        except ValueError:
            pass
        raise AuthFailed("certificate-unreadable", "The client certificate cannot be read.")


def trusting(authorities: str, certificate: ClientCertificate | None) -> ssl.SSLContext:
    """TLS 1.2 or newer, names checked. authorities: PEM of a private authority; empty: those of the system.

    Raises:
        AuthFailed: the certificate or key cannot be read, or they do not belong together.
    """
    if not authorities and certificate is None:
        return _everyday()
    context = (
        ssl.create_default_context(cadata=authorities) if authorities else httpx2.create_ssl_context(trust_env=False)
    )
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate is not None and not _present(context, certificate):
        raise AuthFailed("certificate-unreadable", "The client certificate or its private key cannot be read.")
    return context


@cache
def _everyday() -> ssl.SSLContext:
    """Reading the system's authorities takes longer than a call; nobody changes this one."""
    context = httpx2.create_ssl_context(trust_env=False)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _present(context: ssl.SSLContext, ours: ClientCertificate) -> bool:
    """OpenSSL reads keys from files only: the key lies there encrypted, for as long as that takes."""
    password = secrets.token_bytes(32).hex().encode()
    try:
        key = serialization.load_pem_private_key(ours.private_key.encode(), None)
        locked = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(password),
        )
        with tempfile.NamedTemporaryFile(suffix=".pem") as file:
            file.write(ours.certificate.encode() + b"\n" + locked)
            file.flush()
            context.load_cert_chain(file.name, password=password)
    except (ValueError, TypeError, ssl.SSLError):
        return False
    return True
