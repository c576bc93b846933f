"""LinkedIn Learning: client credentials, sums of what people did over a span of days. Written from LinkedIn's reference."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, request

from sandbox.vendors.core import Client, Refused, Vendor

CLIENT, SECRET = "linkedin-client", "linkedin-secret"
PEOPLE = (("ada@example.com", 11), ("ben@example.com", 12), ("cleo@example.com", 13))
CONTENTS = ("Time management", "Writing clearly")


class LinkedInLearning(Vendor):
    slug, name = "linkedin_learning", "LinkedIn Learning"
    token_path = "/oauth/v2/accessToken"
    verbs = ("learn",)
    lag = timedelta(hours=6)  # how far behind its data is

    def setup(self) -> None:
        self.access.clients[CLIENT] = Client(SECRET)
        for back in (20, 9, 8, 1):
            for person in range(len(PEOPLE)):
                self.learn(str(person), str(back % 2), back=str(back))

    def learn(self, person: str, content: str, seconds: str = "600", back: str = "0") -> None:
        """Somebody looks at a content for some seconds, so many days ago."""
        at = self.clock.now() - timedelta(days=int(back))
        facts = {"person": int(person), "content": int(content), "seconds": int(seconds), "at": at}
        self.rows.add("view", facts)

    def hints(self) -> dict[str, str]:
        return {"client_id": CLIENT, "client_secret": SECRET}

    def refusal(self, status: int, message: str = "", code: str = "") -> Response:
        said = {"status": status, "message": message or "Request refused", "serviceErrorCode": code or 0}
        return Response(json.dumps(said), status, content_type="application/json")

    def routes(self, app: Flask) -> None:
        @app.get("/v2/learningActivityReports")
        def reports() -> Response:
            start, count = int(request.args.get("start", 0)), int(request.args.get("count", 10))
            found = self._elements(*self._span())
            page = found[start : start + count]
            links = []
            if self.more(start + count < len(found)):
                query = urlencode(
                    [*((n, v) for n, v in request.args.items() if n != "start"), ("start", start + count)]
                )
                links = [{"rel": "next", "type": "application/json", "href": f"{request.path}?{query}"}]
            return jsonify(elements=page, paging={"start": start, "count": count, "links": links})

    def _span(self) -> tuple[datetime, datetime]:
        asked = request.args
        wanted = {"q": "criteria", "timeOffset.unit": "DAY", "aggregationCriteria.primary": "INDIVIDUAL"}
        if any(asked.get(name) != value for name, value in wanted.items()) or not asked.get("startedAt", "").isdigit():
            raise Refused(400, "Invalid aggregation criteria", "100")
        days = int(asked.get("timeOffset.duration", 0))
        if not 1 <= days <= 14:
            raise Refused(400, "timeOffset.duration must be 1 to 14 days", "100")
        start = datetime.fromtimestamp(int(asked["startedAt"]) / 1000, UTC)
        return start, start + timedelta(days=days)

    def _elements(self, start: datetime, end: datetime) -> list[dict[str, Any]]:
        latest = self.clock.now() - self.lag
        seen = [row.facts for row in self.rows.all("view") if start <= row.facts["at"] < min(end, latest)]
        views, seconds = Counter[tuple[int, int]](), Counter[tuple[int, int]]()
        for facts in seen:
            views[facts["person"], facts["content"]] += 1
            seconds[facts["person"], facts["content"]] += facts["seconds"]
        return [
            self._element(person, content, views[person, content], seconds[person, content], latest)
            for person, content in sorted(views)
        ]

    def _element(self, person: int, content: int, views: int, seconds: int, latest: datetime) -> dict[str, Any]:
        email, number = PEOPLE[person]
        told = (("VIEWS", views, "TOTAL"), ("VIEWS", 1, "UNIQUE"), ("SECONDS_VIEWED", seconds, "TOTAL"))
        return {
            "latestDataAt": int(latest.timestamp() * 1000),
            "activities": [
                {"engagementType": kind, "engagementValue": value, "engagementMetricQualifier": how, "assetType": "COURSE"}
                for kind, value, how in told
            ],
            "learnerDetails": {
                "name": email.partition("@")[0].title(), "email": email, "uniqueUserId": f"emp-{number}",
                "entity": {"profileUrn": f"urn:li:enterpriseProfile:(urn:li:enterpriseAccount:1,{number})"},
            },
            "contentDetails": {"contentUrn": f"urn:li:lyndaCourse:{100 + content}", "name": CONTENTS[content]},
        }  # fmt: skip


VENDOR = LinkedInLearning
