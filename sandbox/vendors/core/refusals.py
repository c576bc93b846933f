"""How a stand-in says no: raised anywhere in a request, written by the vendor in its own shape."""

from __future__ import annotations


class Refused(Exception):
    """An HTTP error of the vendor's API. code: the vendor's own word, where its errors carry one."""

    def __init__(self, status: int, message: str = "", code: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.headers = status, message, code, headers or {}


class OAuthRefused(Refused):
    """An error of the token address (RFC 6749, section 5.2): the same shape for every vendor."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(status, message, code)
