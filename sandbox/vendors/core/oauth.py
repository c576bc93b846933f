"""The addresses of OAuth2 on a stand-in: a page with one button, the token address, revocation (RFC 6749, 7009, 7636)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from sandbox.vendors.core.refusals import OAuthRefused

if TYPE_CHECKING:
    from sandbox.vendors.core.vendor import Vendor

ASKED = ("client_id", "redirect_uri", "state", "scope", "code_challenge", "response_type")


def add_oauth(app: Flask, vendor: Vendor) -> None:
    app.register_error_handler(OAuthRefused, told)
    if vendor.authorize_path:
        app.get(vendor.authorize_path)(lambda: ask(vendor))
        app.post(vendor.authorize_path)(lambda: allow(vendor))
    if vendor.token_path:
        app.post(vendor.token_path)(lambda: token(vendor))
    if vendor.revoke_path:
        app.post(vendor.revoke_path)(lambda: revoke(vendor))


def told(fault: OAuthRefused) -> ResponseReturnValue:
    return jsonify(error=fault.code, error_description=fault.message), fault.status


def checked(vendor: Vendor) -> dict[str, str]:
    """What the client asked for on the way to the page. Raises OAuthRefused for what must not be redirected back."""
    asked = {name: request.values.get(name, "") for name in ASKED}
    if asked["client_id"] not in vendor.access.clients:
        raise OAuthRefused("invalid_client", "Unknown client_id.")
    if urlsplit(asked["redirect_uri"]).scheme not in ("http", "https"):
        raise OAuthRefused("invalid_request", "redirect_uri is missing or no web address.")
    if asked["response_type"] != "code":
        raise OAuthRefused("unsupported_response_type", "Only response_type=code is offered.")
    method = request.values.get("code_challenge_method", "")
    if (asked["code_challenge"] and method != "S256") or (
        vendor.access.terms.require_pkce and not asked["code_challenge"]
    ):
        raise OAuthRefused("invalid_request", "PKCE must be used with code_challenge_method=S256.")
    return asked | {"code_challenge_method": method}


def ask(vendor: Vendor) -> ResponseReturnValue:
    return render_template("vendor_authorize.html", vendor=vendor, asked=checked(vendor))


def allow(vendor: Vendor) -> ResponseReturnValue:
    asked = checked(vendor)
    if request.form.get("answer") == "deny":
        answer = {"error": "access_denied", "error_description": "The person said no."}
    else:
        names = ("client_id", "redirect_uri", "code_challenge", "scope")
        answer = {"code": vendor.access.make_code(*(asked[name] for name in names)), **vendor.redirect_extra()}
    answer |= {"state": asked["state"]} if asked["state"] else {}
    separator = "&" if "?" in asked["redirect_uri"] else "?"
    return redirect(f"{asked['redirect_uri']}{separator}{urlencode(answer)}", 303)


def fields() -> dict[str, Any]:
    """Of a form, or of JSON for the vendors that want it so."""
    sent = request.get_json(silent=True) if request.is_json else None
    return sent if isinstance(sent, dict) else request.form.to_dict()


def token(vendor: Vendor) -> ResponseReturnValue:
    form = fields()
    made = vendor.access.grant(form, vendor.access.client_of(request, form))
    seconds = int((made.ends_at - vendor.clock.now()).total_seconds() + 0.5)
    answer: dict[str, Any] = {"access_token": made.access, "token_type": "Bearer", "expires_in": seconds}
    answer |= {"refresh_token": made.refresh} if made.refresh else {}
    answer |= {"scope": made.scope} if made.scope else {}
    return jsonify(answer | vendor.token_extra())


def revoke(vendor: Vendor) -> ResponseReturnValue:
    form = fields()
    vendor.access.client_of(request, form)
    vendor.access.revoke(str(form.get("token", "")))
    return Response(status=200)
