"""Google Drive: one shared drive and a service account; files by id, names that may stand twice, changes with marks, channels."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from functools import cache
from typing import Any

from flask import Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue
from joserfc.jwk import RSAKey

from sandbox.vendors.core import Caller, Change, Client, Delivery, Description, Patch, Refused, Row, Vendor

ACCOUNT, DRIVE = "corridor@sandbox.iam.gserviceaccount.com", "0ASandboxSharedDrive"
BASE, UPLOAD = "/drive/v3", "/upload/drive/v3/files"
FOLDER = "application/vnd.google-apps.folder"
_REASONS = {
    400: "invalid", 401: "authError", 403: "insufficientFilePermissions", 404: "notFound", 409: "fileIdInUse",
    429: "rateLimitExceeded", 500: "backendError",
}  # fmt: skip
_CLAUSES = {
    r"name = '((?:[^'\\]|\\.)*)'": lambda facts, said: facts["name"] == re.sub(r"\\(.)", r"\1", said),
    r"'([^']*)' in parents": lambda facts, said: facts["parent"] == said,
    r"mimeType = '([^']*)'": lambda facts, said: facts["kind"] == said,
    r"mimeType != '([^']*)'": lambda facts, said: facts["kind"] != said,
    r"trashed = (false)": lambda facts, _said: not facts["trashed"],
}


@cache
def key() -> RSAKey:
    """The account's: made once in a process."""
    return RSAKey.generate_key(2048)


class GoogleDrive(Vendor):
    """page_size: no list is longer, whatever is asked. oldest: marks before this one are not known any more."""

    slug, name = "google_drive", "Google Drive"
    token_path = "/token"
    description = Description(
        "google/drive.v3.openapi3.json",
        base=BASE,
        patches=(
            Patch(
                ("components", "requestBodies", "File", "content"),
                lambda known: known | {"application/json": {"schema": {"$ref": "#/components/schemas/File"}}},
                "its conversion knows only the body of an upload",
            ),
        ),
        skip=("/upload/*", token_path),
    )
    verbs = ("add", "write", "trash", "remove", "forget")

    def setup(self) -> None:
        self.access.clients[ACCOUNT] = Client(public_key=key().as_pem(private=False).decode())
        self.page_size, self.oldest = 1000, 0
        self.given: set[str] = set()
        self.sessions: dict[str, dict[str, Any]] = {}
        for name in ("summary of benefits.txt", "plan document.txt", "notice of privacy practices.txt"):
            self.add(name, name)

    def hints(self) -> dict[str, str]:
        return {"client_email": ACCOUNT, "private_key": key().as_pem(private=True).decode(), "drive_id": DRIVE}

    def refusal(self, status: int, message: str = "", code: str = "", place: str = "") -> Response:
        one = {"domain": "global", "reason": code or _REASONS.get(status, "badRequest"), "message": message or "No."}
        one |= {"locationType": "parameter", "location": place} if place else {}
        body = {"error": {"errors": [one], "code": status, "message": message or "No."}}
        return Response(json.dumps(body), status, content_type="application/json")

    def admit(self) -> Caller:
        return self.access.caller(request)

    def sign(self, delivery: Delivery, secret: str) -> dict[str, str]:
        number = str([one.id for one in self.webhooks.log].index(delivery.id) + 1)
        return {
            "X-Goog-Channel-ID": f"channel-{delivery.hook.id}", "X-Goog-Channel-Token": secret,
            "X-Goog-Message-Number": number, "X-Goog-Resource-State": delivery.kind, "X-Goog-Resource-ID": "changes",
        }  # fmt: skip

    def on_change(self, change: Change, row: Row) -> None:
        del row
        if change.kind == "file":
            self.webhooks.emit("change", b"")

    # What people do in the browser

    def add(self, name: str, text: str = "", parent: str = DRIVE, kind: str = "text/plain") -> str:
        """Its id."""
        return self._made({"id": "", "name": name, "parents": [parent], "mimeType": kind}, text.encode()).id

    def write(self, id: str, text: str) -> None:
        self.rows.change("file", id, {"data": text.encode()})

    def trash(self, id: str) -> None:
        self.rows.change("file", id, {"trashed": True})

    def remove(self, id: str) -> None:
        self.rows.delete("file", id)

    def forget(self) -> None:
        """Every mark there is."""
        self.oldest = len(self.rows.log) + 2

    # The API

    def routes(self, app: Flask) -> None:
        app.add_url_rule(f"{BASE}/drives", view_func=self.drives)
        app.add_url_rule(f"{BASE}/files", view_func=self.listing)
        app.add_url_rule(f"{BASE}/files", "folder", self.make_folder, methods=["POST"])
        app.add_url_rule(f"{BASE}/files/generateIds", view_func=self.ids)
        app.add_url_rule(f"{BASE}/files/<id>", view_func=self.one)
        app.add_url_rule(f"{BASE}/changes/startPageToken", view_func=self.mark)
        app.add_url_rule(f"{BASE}/changes", view_func=self.changes)
        app.add_url_rule(UPLOAD, view_func=self.upload, methods=["POST"])
        app.add_url_rule(UPLOAD, "session", self.put, methods=["PUT"])

    def drives(self) -> ResponseReturnValue:
        return jsonify(kind="drive#driveList", drives=[{"id": DRIVE, "name": "Benefits", "kind": "drive#drive"}])

    def _in_drive(self) -> None:
        if request.args.get("driveId") != DRIVE or request.args.get("supportsAllDrives") != "true":
            raise Refused(404, "Shared drive not found.")

    def listing(self) -> ResponseReturnValue:
        self._in_drive()
        if request.args.get("corpora") != "drive" or request.args.get("includeItemsFromAllDrives") != "true":
            raise Refused(400, "A drive is asked for with corpora=drive and includeItemsFromAllDrives.")
        rows = [row for row in self.rows.all("file") if fits(row.facts, request.args.get("q", ""))]
        start = int(request.args.get("pageToken", "p0")[1:])
        page, rest = self._cut(rows, start)
        more = {"nextPageToken": f"p{start + len(page)}"} if self.more(rest) else {}
        return jsonify(kind="drive#fileList", files=[self.shown(row) for row in page], **more)

    def _cut(self, found: list[Any], start: int = 0) -> tuple[list[Any], bool]:
        size = min(int(request.args.get("pageSize", "100")), self.page_size)
        return found[start : start + size], start + size < len(found)

    def ids(self) -> ResponseReturnValue:
        made = [secrets.token_urlsafe(21) for _ in range(int(request.args.get("count", "10")))]
        self.given.update(made)
        return jsonify(kind="drive#generatedIds", space="drive", ids=made)

    def one(self, id: str) -> ResponseReturnValue:
        row = self.rows.get("file", id)
        if row is None:
            raise Refused(404, "File not found.")
        return jsonify(self.shown(row))

    def mark(self) -> ResponseReturnValue:
        self._in_drive()
        return jsonify(kind="drive#startPageToken", startPageToken=str(len(self.rows.log) + 1))

    def changes(self) -> ResponseReturnValue:
        self._in_drive()
        token = request.args["pageToken"]
        if not token.isdigit() or int(token) < self.oldest:
            return self.refusal(400, "Invalid Value", "invalid", "pageToken")
        found = [one for one in self.rows.log if one.number >= int(token)]
        page, rest = self._cut(found)
        if self.more(rest):
            place = {"nextPageToken": str(page[-1].number + 1)}
        else:
            place = {"newStartPageToken": str((page[-1].number if page else len(self.rows.log)) + 1)}
        return jsonify(kind="drive#changeList", changes=[self._change(one) for one in page], **place)

    def _change(self, change: Change) -> dict[str, Any]:
        row = self.rows.get("file", change.id)
        told = {"kind": "drive#change", "changeType": "file", "fileId": change.id, "removed": row is None}
        return told | ({"file": self.shown(row)} if row else {})

    def make_folder(self) -> ResponseReturnValue:
        facts = request.get_json()
        if facts.get("mimeType") != FOLDER:
            raise Refused(400, "Only folders have no content.")
        return jsonify(self.shown(self._made(facts, None)))

    def upload(self) -> ResponseReturnValue:
        if request.args.get("uploadType") == "multipart":
            return jsonify(self.shown(self._made(*related(request.content_type or "", request.get_data()))))
        if request.args.get("uploadType") != "resumable":
            raise Refused(400, "uploadType is missing.")
        session = secrets.token_hex(8)
        self.sessions[session] = {
            "facts": request.get_json(), "size": int(request.headers["X-Upload-Content-Length"]),
        }  # fmt: skip
        place = f"https://www.googleapis.com{UPLOAD}?uploadType=resumable&upload_id={session}"
        return Response(status=200, headers={"Location": place})

    def put(self) -> ResponseReturnValue:
        session = self.sessions.pop(request.args.get("upload_id", ""), None)
        if session is None:
            raise Refused(404, "The session is over.")
        if len(request.get_data()) != session["size"]:
            raise Refused(400, "Not as many bytes as were announced.")
        return jsonify(self.shown(self._made(session["facts"], request.get_data())))

    def _made(self, facts: dict[str, Any], data: bytes | None) -> Row:
        """An id is one that was given before, and works once."""
        id = facts.get("id", "") or secrets.token_urlsafe(21)
        if facts.get("id") and id not in self.given:
            raise Refused(400, "The id was not given by generateIds.")
        if self.rows.get("file", id):
            raise Refused(409, "A file already exists with the provided ID.")
        kept = {
            "name": facts["name"], "parent": facts["parents"][0], "kind": facts["mimeType"], "data": data, "trashed": False,
        }  # fmt: skip
        return self.rows.add("file", kept, id)

    def shown(self, row: Row) -> dict[str, Any]:
        facts = row.facts
        told = {
            "kind": "drive#file", "id": row.id, "name": facts["name"], "mimeType": facts["kind"],
            "parents": [facts["parent"]], "trashed": facts["trashed"],
            "webViewLink": f"https://drive.google.com/file/d/{row.id}/view", "driveId": DRIVE,
        }  # fmt: skip
        if facts["data"] is None:
            return told
        md5 = hashlib.md5(facts["data"], usedforsecurity=False).hexdigest()
        return told | {"size": str(len(facts["data"])), "md5Checksum": md5}


def fits(facts: dict[str, Any], query: str) -> bool:
    """Whether a file is meant by `q`. Raises Refused for a clause that is not known."""
    for clause in re.split(r" and (?=(?:[^']*'[^']*')*[^']*$)", query.replace("\\'", "\0")):
        said = clause.replace("\0", "\\'")
        for pattern, test in _CLAUSES.items():
            if found := re.fullmatch(pattern, said):
                if not test(facts, found.group(1)):
                    return False
                break
        else:
            raise Refused(400, "Invalid Value", "invalid")
    return True


def related(kind: str, body: bytes) -> tuple[dict[str, Any], bytes]:
    """The two parts of a multipart/related upload."""
    edge = kind.partition("boundary=")[2].encode()
    if not kind.startswith("multipart/related") or not edge:
        raise Refused(400, "multipart/related is wanted.")
    first, second = body.split(b"--" + edge)[1:3]
    facts, data = first.split(b"\r\n\r\n", 1)[1], second.split(b"\r\n\r\n", 1)[1]
    return json.loads(facts), data.removesuffix(b"\r\n")


VENDOR = GoogleDrive
