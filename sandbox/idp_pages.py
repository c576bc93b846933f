"""The endpoints of the identity provider, and its page."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sandbox.idp import OidcError, discovery
from sandbox.pages import form_fields, posted_switches
from sandbox.world import World

PASSED_ON = (
    "client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "code_challenge",
    "code_challenge_method", "login_hint",
)  # fmt: skip


def issuer() -> str:
    return request.host_url + "idp"


def passed_on(values: dict[str, str]) -> dict[str, str]:
    return {name: values[name] for name in PASSED_ON if values.get(name)}


def send_back(args: dict[str, str], answer: dict[str, str]) -> Response:
    """Back to the application with the answer, its state and our issuer (RFC 9207)."""
    answer |= {"iss": issuer()} | ({"state": args["state"]} if "state" in args else {})
    separator = "&" if "?" in args["redirect_uri"] else "?"
    return redirect(args["redirect_uri"] + separator + urlencode(answer), 303)  # type: ignore[return-value]


def create_idp_pages(world: World) -> Blueprint:
    pages, idp = Blueprint("idp", __name__, url_prefix="/idp"), world.idp

    @pages.get("")
    def home() -> ResponseReturnValue:
        return render_template("idp.html", idp=idp, issuer=issuer(), switches=form_fields(idp.switches))

    @pages.post("/switches")
    def switches() -> ResponseReturnValue:
        idp.set_switches(posted_switches(idp.switches))
        return redirect(url_for("idp.home"), 303)

    @pages.get("/.well-known/openid-configuration")
    def configuration() -> ResponseReturnValue:
        return jsonify(discovery(issuer()))

    @pages.get("/jwks")
    def jwks() -> ResponseReturnValue:
        return jsonify(idp.jwks())

    @pages.get("/authorize")
    def ask() -> ResponseReturnValue:
        args = passed_on(request.args.to_dict())
        try:
            idp.check_request(args)
        except OidcError as fault:
            return render_template("problem.html", problem=fault.description), 400
        if request.args.get("prompt") == "none":
            return send_back(args, {"error": "login_required"})
        return authorize_page(args)

    def authorize_page(args: dict[str, str], problem: str = "") -> ResponseReturnValue:
        page = render_template("authorize.html", args=args, users=idp.users, problem=problem)
        return page, 422 if problem else 200

    @pages.post("/authorize")
    def choose() -> ResponseReturnValue:
        args = passed_on(request.form.to_dict())
        try:
            idp.check_request(args)
        except OidcError as fault:
            return render_template("problem.html", problem=fault.description), 400
        if "deny" in request.form:
            return send_back(args, {"error": "access_denied"})
        email = request.form.get("user") or request.form.get("email", "").strip()
        if "@" not in email:
            return authorize_page(args, "Choose a person or type an e-mail address.")
        return send_back(args, {"code": idp.issue_code(args, email)})

    @pages.post("/token")
    def token() -> ResponseReturnValue:
        form, basic = request.form.to_dict(), request.authorization
        client = (basic.username or "") if basic else form.get("client_id", "")
        secret = (basic.password or "") if basic else form.get("client_secret")
        try:
            return jsonify(idp.exchange(form, client, secret, issuer()))
        except OidcError as fault:
            return jsonify(error=fault.code, error_description=fault.description), fault.status

    @pages.route("/userinfo", methods=["GET", "POST"])
    def userinfo() -> ResponseReturnValue:
        found = idp.userinfo(request.headers.get("Authorization", "").removeprefix("Bearer ").strip())
        if found is None:
            return jsonify(error="invalid_token"), 401, {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        return jsonify(found)

    @pages.get("/logout")
    def logout() -> ResponseReturnValue:
        after = request.args.get("post_logout_redirect_uri")
        return redirect(after or url_for("idp.home"), 303)

    return pages
