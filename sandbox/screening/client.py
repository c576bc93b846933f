"""The screening part of the sandbox client: `Sandbox(url).screening`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.client import Sandbox

Json = dict[str, Any]


@dataclass(frozen=True)
class ScreeningClient:
    """Both screening providers. Raises SandboxError: 422 for what the state does not allow, 404 for an unknown id."""

    sandbox: Sandbox

    def _call(self, method: str, path: str, body: Json | None = None) -> Json:
        return self.sandbox.call(method, f"/screening{path}", body)

    # Settings

    def state(self) -> Json:
        """now, checkr_url, plain_url, partner, switches, accounts, scenarios, transitions."""
        return self._call("GET", "")

    def set(self, **switches: Any) -> None:
        """Changes the named switches; the others stay."""
        self._call("POST", "/switches", switches)

    def faults(self, fault: str, *, where: str = "", times: int = 1, slow_seconds: float | None = None) -> None:
        """What goes wrong with the next `times` requests (0: until `faults("")`) whose `METHOD /path` contains `where`.

        fault: slow, server_error, unavailable, bad_auth, forbidden, rate_limited, drop_before (nothing was done), or, with the work
        done, server_error_after, drop_after, hang_after, garbage, truncated, empty.
        """
        slow = {} if slow_seconds is None else {"slow_seconds": slow_seconds}
        self.set(fault=fault, fault_where=where, fault_times=times, **slow)

    def advance(self, **units: float) -> int:
        """days, hours, minutes, seconds of sandbox time; returns how many steps were due."""
        return int(self._call("POST", "/advance", units)["moved"])

    def reset(self) -> None:
        """Everything but accounts, their keys and their webhook addresses."""
        self._call("POST", "/reset", {})

    # Accounts

    def add_account(self, key: str = "", *, partner: bool = False) -> Json:
        """A new account; its `_sandbox` holds `api_key`. partner: reached by OAuth; not credentialed yet."""
        return self._call("POST", "/accounts", {"id": key, "partner": partner})

    def set_webhooks(self, *urls: str, account: str = "corridor", include_object: bool = True) -> None:
        """Replaces the addresses (at most two) of an account; `plain` is plainscreen's."""
        self._call("POST", f"/accounts/{account}/webhooks", {"urls": list(urls), "include_object": include_object})

    def partner_code(self, account: str) -> str:
        """An authorization code as the partner's redirect would bring it."""
        return str(self._call("POST", f"/accounts/{account}/code", {})["_sandbox"]["code"])

    def credential(self, account: str) -> None:
        """The account may order; sends account.credentialed."""
        self._call("POST", f"/accounts/{account}/credential", {})

    def disconnect(self, account: str) -> None:
        """The customer takes the partner's access back; sends token.deauthorized."""
        self._call("POST", f"/accounts/{account}/disconnect", {})

    def add_package(self, slug: str, *kinds: str, name: str = "", price: int = 1000) -> None:
        """Adds or changes one. price: cents."""
        self._call("POST", "/packages", {"slug": slug, "name": name or slug, "price": price, "kinds": list(kinds)})

    def remove_package(self, slug: str) -> None:
        self._call("DELETE", f"/packages/{slug}")

    # What is there; each with a `_sandbox` of what only the sandbox knows

    def objects(self, kind: str) -> list[Json]:
        """Oldest first: candidate, invitation, report, search, adverse_action, document, package, order (plainscreen)."""
        found: list[Json] = self._call("GET", f"/objects/{kind}")["objects"]
        return found

    def get(self, kind: str, key: str) -> Json:
        """Raises KeyError."""
        return {one["id"]: one for one in self.objects(kind)}[key]

    def orders(self) -> list[Json]:
        """What was really ordered at both: provider, account, kind, object, reference, package, key, at, twice."""
        found: list[Json] = self._call("GET", "/orders")["orders"]
        return found

    def ordered_twice(self) -> int:
        """Orders whose reference and package had been ordered before and not been called off."""
        return int(self._call("GET", "/orders")["twice"])

    def requests(self, contains: str = "") -> list[Json]:
        """Oldest first: at, method, path, key, status, fault, replayed; those with `contains` in `METHOD /path`."""
        found: list[Json] = self._call("GET", "/requests")["requests"]
        return [one for one in found if contains in f"{one['method']} {one['path']}"]

    def events(self, kind: str = "") -> list[Json]:
        """Newest first: id, account, type, about, created_at, body, deliveries (url, state, attempts)."""
        found: list[Json] = self._call("GET", "/events")["events"]
        return [one for one in found if kind in ("", one["type"])]

    def send_again(self, event_id: str) -> None:
        """The event once more, also one that was lost."""
        self._call("POST", f"/events/{event_id}/send", {})

    # What happens. A transition drops what the scenario still meant to do with the thing; deadlines stay.

    def move(self, kind: str, key: str, verb: str, **values: Any) -> Json:
        """Any transition of `transitions.VERBS`; returns the object afterwards."""
        return self._call("POST", f"/objects/{kind}/{key}/{verb}", values)

    def scenario(self, candidate_id: str, name: str) -> None:
        """Chooses the script of a candidate, also for a report that already runs."""
        self._call("POST", f"/objects/candidate/{candidate_id}/scenario", {"name": name})

    def finish_invitation(self, key: str) -> str:
        """As if the candidate had; returns the id of the report."""
        return str(self.move("invitation", key, "finish")["report_id"])

    def expire_invitation(self, key: str) -> Json:
        return self.move("invitation", key, "expire")

    def progress(self, report_id: str) -> Json:
        return self.move("report", report_id, "progress")

    def complete(
        self,
        report_id: str,
        result: str | None = "clear",
        records: list[Any] | None = None,
        *,
        includes_canceled: bool = False,
    ) -> Json:
        """Completes it, or again (then it is revised). records: "felony", "misdemeanor" or objects like `scenarios.FELONY`."""
        values = {"result": result, "records": records or [], "includes_canceled": includes_canceled}
        return self.move("report", report_id, "complete", **values)

    def complete_now(self, report_id: str) -> Json:
        """Cancels what still runs."""
        return self.move("report", report_id, "complete_now")

    def suspend(self, report_id: str) -> Json:
        return self.move("report", report_id, "suspend")

    def resume(self, report_id: str) -> Json:
        return self.move("report", report_id, "resume")

    def pause(self, report_id: str) -> Json:
        return self.move("report", report_id, "pause")

    def cancel(self, report_id: str) -> Json:
        return self.move("report", report_id, "cancel")

    def dispute(self, report_id: str) -> Json:
        """A live adverse action is disputed with it."""
        return self.move("report", report_id, "dispute")

    def set_status(self, report_id: str, status: str, result: str | None = None) -> Json:
        """Any code, also one that nobody knows."""
        return self.move("report", report_id, "set_status", status=status, result=result)

    def set_search(self, report_id: str, search: str, status: str = "complete", result: str | None = "clear") -> Json:
        """search: its kind."""
        return self.move("report", report_id, "set_search", search=search, status=status, result=result)

    def set_eta(self, report_id: str, on: str = "") -> Json:
        """on: a day (ISO); empty: nobody knows."""
        return self.move("report", report_id, "set_eta", on=on)

    def deliver_notice(self, action_id: str, state: str = "delivered") -> Json:
        return self.move("adverse_action", action_id, "deliver", state=state)

    def bounce_notice(self, action_id: str, reason: str = "No such mailbox") -> Json:
        return self.move("adverse_action", action_id, "bounce", reason=reason)

    def post_notice(self, action_id: str) -> Json:
        """The final notice, whatever its date."""
        return self.move("adverse_action", action_id, "post_notice")

    def complete_plain(self, order_id: str, result: str = "PASS") -> Json:
        """An order of plainscreen: PASS, REVIEW or FAIL."""
        return self.move("order", order_id, "complete", result=result)
