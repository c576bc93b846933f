"""What belongs to the account: packages, webhook addresses, and the partner's way in."""

from __future__ import annotations

import secrets

from sandbox.screening.checkr.finding import a_page
from sandbox.screening.door import Asked, Door
from sandbox.screening.provider import PARTNER, Screening
from sandbox.screening.shelf import Facts, Item, Refused


def add_packages(box: Screening, door: Door) -> None:
    @door.at("GET", "/packages")
    def list_packages(asked: Asked) -> Facts:
        return a_page(box, [one.facts for one in box.shelf.all("package") if not one.facts["deleted_at"]], asked)


def add_hooks(box: Screening, door: Door) -> None:
    @door.at("GET", "/webhooks")
    def list_hooks(asked: Asked) -> Facts:
        return a_page(box, [hook_shown(hook) for hook in asked.account.hidden["webhooks"]], asked)

    @door.at("POST", "/webhooks")
    def add_hook(asked: Asked) -> Facts:
        hook = {
            "id": secrets.token_hex(12), "url": asked.sent.get("webhook_url"),
            "include_object": str(asked.sent.get("include_object", "true")).lower() == "true",
        }  # fmt: skip
        box.set_webhooks(asked.account.id, [*asked.account.hidden["webhooks"], hook])
        return hook_shown(hook)

    @door.at("DELETE", "/webhooks/<key>")
    def remove_hook(asked: Asked, key: str) -> Facts:
        hooks = asked.account.hidden["webhooks"]
        gone = next((hook for hook in hooks if hook.get("id") == key), None)
        if gone is None:
            raise Refused(404, "Webhook not found")
        box.set_webhooks(asked.account.id, [hook for hook in hooks if hook is not gone])
        return hook_shown(gone)


def hook_shown(hook: Facts) -> Facts:
    return {
        "id": hook.get("id"), "object": "webhook", "webhook_url": hook["url"], "include_object": hook.get("include_object", True),
    }  # fmt: skip


def add_partner(box: Screening, door: Door) -> None:
    @door.at("POST", "/oauth/tokens", opens=True)
    def exchange(asked: Asked) -> Facts:
        """A code becomes an access token, once. The events of such an account are signed with the partner's secret."""
        if any(asked.sent.get(name) != value for name, value in PARTNER.items()):
            raise Refused(401, "Bad authentication error")
        given = asked.sent.get("code")
        found = next((one for one in box.shelf.all("account") if given and one.hidden.get("code") == given), None)
        if found is None:
            raise Refused(400, "The authorization code is unknown or used")
        found.hidden |= {"code": "", "api_key": secrets.token_hex(20)}
        box.shelf.save(found)
        return {"access_token": found.hidden["api_key"], "checkr_account_id": found.id}

    @door.at("POST", "/oauth/deauthorize")
    def deauthorize(asked: Asked) -> tuple[Facts, int]:
        disconnect(box, asked.account)
        return {}, 204


def disconnect(box: Screening, account: Item) -> None:
    """The token works no more. The event carries it, not an object with an id, and names the partner, not the customer."""
    if "code" not in account.hidden:
        raise ValueError("Only an account connected through a partner can be disconnected.")
    token, account.hidden["api_key"] = account.hidden["api_key"], ""
    box.shelf.save(account)
    box.events.emit("token.deauthorized", account, {"access_code": token}, "partner")
