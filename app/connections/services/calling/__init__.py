"""Talking to a provider with an HTTP API, with no transaction open.

```python
with run.step() as session:                       # what is needed, secrets included; closed before the first call
    link = calling.link_of(session, connection_id)
with calling.open_provider(link, about=("screening_request", request_id)) as provider:
    settled = provider.ask(provider.screening.get_report("rep_1"))
with run.finish() as session: ...                 # what came of it
```
Kept to on the way: the company's and the provider's limits, the circuit, where a connection may lead, one refresh of a token at a
time, the log of exchanges (also when the job fails afterwards) and the connection's health.
"""

from app.connections.services.calling.exchanges import about, forget_exchanges
from app.connections.services.calling.link import Link, http_link, link_of
from app.connections.services.calling.provider import Provider, open_provider, take
from app.connections.services.calling.shelf import PostgresShelf
from app.connections.services.calling.signing import authorize_address, exchange_code, revoke
from app.connections.services.calling.tokens import forget_token, keep_token, renew, token_for

__all__ = [
    "Link", "PostgresShelf", "Provider", "about", "authorize_address", "exchange_code", "forget_exchanges", "forget_token", "http_link",
    "keep_token", "link_of", "open_provider", "renew", "revoke", "take", "token_for",
]  # fmt: skip
