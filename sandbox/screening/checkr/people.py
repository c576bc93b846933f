"""Candidates, invitations and documents."""

from __future__ import annotations

from flask import request

from sandbox.screening import documents, invitations
from sandbox.screening.checkr.finding import a_page, find
from sandbox.screening.door import Asked, Door
from sandbox.screening.provider import Screening
from sandbox.screening.shelf import Facts, Item, Refused


def add_candidates(box: Screening, door: Door) -> None:
    def candidate_of(asked: Asked, key: str) -> Item:
        found = find(box, asked, "candidate", key)
        if found.hidden.get("erased"):
            raise Refused(403, "Candidate has requested that their PII be removed")
        return found

    @door.at("POST", "/candidates")
    def create_candidate(asked: Asked) -> Facts:
        return invitations.create_candidate(box, asked.account, asked.sent).facts

    @door.at("GET", "/candidates")
    def list_candidates(asked: Asked) -> Facts:
        """Newest first; by custom_id, email or full name."""
        wanted = {name: asked.query[name] for name in ("custom_id", "email") if name in asked.query}
        found = [one.facts for one in box.shelf.all("candidate", asked.account.id)][::-1]
        return a_page(box, [one for one in found if all(one[name] == value for name, value in wanted.items())], asked)

    @door.at("GET", "/candidates/<key>")
    def get_candidate(asked: Asked, key: str) -> Facts:
        return candidate_of(asked, key).facts

    @door.at("POST", "/candidates/<key>")
    def change_candidate(asked: Asked, key: str) -> tuple[Facts, int]:
        found = candidate_of(asked, key)
        changed = {name: value for name, value in asked.sent.items() if name in invitations.CANDIDATE_FIELDS}
        if problems := invitations.wrong_fields(box, {**found.facts, "ssn": None, **changed}):
            raise Refused(400, *problems)
        found.facts |= changed
        box.shelf.save(found)
        box.tell("candidate.updated", found)
        return found.facts, 200

    @door.at("DELETE", "/candidates/<key>/pii")
    def erase(asked: Asked, key: str) -> tuple[Facts, int]:
        found = find(box, asked, "candidate", key)
        invitations.erase(box, found)
        return found.facts, 200


def add_invitations(box: Screening, door: Door) -> None:
    @door.at("POST", "/invitations")
    def invite(asked: Asked) -> Facts:
        return invitations.invite(box, asked.account, asked.sent, asked.key).facts

    @door.at("GET", "/invitations")
    def list_invitations(asked: Asked) -> Facts:
        found = [
            one.facts for one in box.shelf.all("invitation", asked.account.id, asked.query.get("candidate_id", ""))
        ]
        shown = [one for one in found if asked.query.get("include_deleted") == "true" or not one["deleted_at"]]
        return a_page(
            box, [one for one in shown if asked.query.get("status", one["status"]) == one["status"]][::-1], asked
        )

    @door.at("GET", "/invitations/<key>")
    def get_invitation(asked: Asked, key: str) -> Facts:
        found = find(box, asked, "invitation", key)
        if found.facts["deleted_at"] and asked.query.get("include_deleted") != "true":
            raise Refused(404, "Invitation not found")
        return found.facts

    @door.at("DELETE", "/invitations/<key>")
    def delete_invitation(asked: Asked, key: str) -> Facts:
        found = find(box, asked, "invitation", key)
        invitations.delete(box, found)
        return found.facts


def add_documents(box: Screening, door: Door) -> None:
    @door.at("POST", "/candidates/<key>/documents")
    def upload(asked: Asked, key: str) -> Facts:
        candidate, file = find(box, asked, "candidate", key), request.files.get("file")
        if file is None or not asked.sent.get("type"):
            raise Refused(400, "file and type can't be blank")
        name, kind = file.filename or "document", file.content_type or "application/octet-stream"
        return documents.shown(box, documents.keep(box, candidate, asked.sent["type"], name, kind, file.read()))

    @door.at("GET", "/candidates/<key>/documents")
    def list_documents(asked: Asked, key: str) -> Facts:
        find(box, asked, "candidate", key)
        return a_page(
            box, [documents.shown(box, one) for one in box.shelf.all("document", asked.account.id, key)], asked
        )

    @door.at("GET", "/documents/<key>")
    def get_document(asked: Asked, key: str) -> Facts:
        return documents.shown(box, find(box, asked, "document", key))
