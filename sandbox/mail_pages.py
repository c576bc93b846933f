"""Pages of the mailbox. The HTML part is shown in a sandboxed frame that can only follow links."""

from __future__ import annotations

import io
import re

from flask import Blueprint, Response, abort, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from sandbox.mailbox import Message
from sandbox.pages import form_fields, posted_switches
from sandbox.world import World

LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
HTML_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'"
)


def with_links(text: str) -> Markup:
    """The text part with its web addresses as links."""
    pieces, at = [], 0
    for match in LINK.finditer(text):
        address = escape(match.group())
        pieces += [escape(text[at : match.start()]), Markup('<a href="{0}">{0}</a>').format(address)]
        at = match.end()
    return Markup("").join([*pieces, escape(text[at:])])


def create_mail_pages(world: World) -> Blueprint:
    pages = Blueprint("mail", __name__, url_prefix="/mail")

    def message_or_404(number: int) -> Message:
        return world.mailbox.get(number) or abort(404)

    @pages.get("")
    def inbox() -> ResponseReturnValue:
        wanted = request.args.get("to", "").strip()
        messages = world.mailbox.messages(wanted)
        switches = form_fields(world.mailbox.switches)
        return render_template("mailbox.html", messages=messages[:200], wanted=wanted, switches=switches)

    @pages.get("/<int:number>")
    def message(number: int) -> ResponseReturnValue:
        found = message_or_404(number)
        return render_template(
            "message.html", message=found, text=with_links(found.body("plain")), html=bool(found.body("html"))
        )

    @pages.get("/<int:number>/html")
    def html_part(number: int) -> ResponseReturnValue:
        content = '<base target="_blank">' + message_or_404(number).body("html")
        return Response(content, headers={"Content-Security-Policy": HTML_POLICY})

    @pages.get("/<int:number>/raw")
    def raw(number: int) -> ResponseReturnValue:
        return Response(message_or_404(number).raw, mimetype="text/plain")

    @pages.get("/<int:number>/attachments/<int:at>")
    def attachment(number: int, at: int) -> ResponseReturnValue:
        found = message_or_404(number).attachments()
        if at >= len(found):
            abort(404)
        name, kind, content = found[at]
        return send_file(io.BytesIO(content), kind, as_attachment=True, download_name=name)

    @pages.post("/switches")
    def switches() -> ResponseReturnValue:
        world.mailbox.set_switches(posted_switches(world.mailbox.switches))
        return redirect(url_for("mail.inbox"), 303)

    @pages.post("/delete")
    def delete_all() -> ResponseReturnValue:
        world.mailbox.clear()
        return redirect(url_for("mail.inbox"), 303)

    return pages
