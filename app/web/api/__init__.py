"""The base of the JSON API: what every endpoint under `/api` shares.

`problems` (the one shape of every refusal), `endpoints` (how a domain's `api.py` declares an operation), `paging`, `idempotency`
(a POST that is sent twice acts once), `description` (OpenAPI and its page). An endpoint is a route like any other: one app, one
URL map, one edge, so the start-up check of permissions, the tenant, the transaction and the metrics hold for it too.
"""
