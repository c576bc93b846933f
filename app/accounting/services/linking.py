"""Which contact of the books is which carrier: chosen by a person, never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounting.models import AccountLink
from app.accounting.rules import BilledFor, CountedBy
from app.connections.models import Connection
from app.connections.services import manifest_of
from app.core.access import Can
from app.core.db import fetch
from app.core.errors import Invalid, NotFound
from app.core.events import Actor, Risk, record
from app.integrations.contracts import Category
from app.integrations.sync.records import Kind
from app.syncing.models import RemoteRecord

MOST = 5000


class Contact(NamedTuple):
    """A contact of the books. key: the connection and the contact's id there, as a form sends them."""

    key: str
    name: str
    books: str


@dataclass(frozen=True, slots=True)
class Terms:
    """How a carrier's bills are compared. contact: a `Contact.key`."""

    contact: str
    currency: str = "USD"
    billed_for: str = BilledFor.DUE.value
    counted_by: str = CountedBy.FIRST_DAY.value
    tolerance: Decimal = Decimal(1)


def carrier(session: Session, actor: Actor, carrier_id: UUID) -> tuple[Connection, AccountLink | None]:
    """A carrier and its link. Raises NotFound when the connection is no carrier."""
    actor.require(Can.ACCOUNT_LINK_MANAGE)
    row = fetch(session, Connection, carrier_id)
    if not is_carrier(row.adapter):
        raise NotFound
    return row, session.scalars(sa.select(AccountLink).where(AccountLink.carrier_id == carrier_id)).one_or_none()


def contacts(session: Session, actor: Actor) -> list[Contact]:
    """Every contact of the books that was read, by name. One query."""
    actor.require(Can.ACCOUNT_LINK_MANAGE)
    query = (
        sa.select(RemoteRecord, Connection.name)
        .join(Connection, Connection.id == RemoteRecord.connection_id)
        .where(RemoteRecord.kind == Kind.CONTACT.value, RemoteRecord.gone_at.is_(None))
        .order_by(RemoteRecord.id)
        .limit(MOST)
    )
    found = [
        Contact(f"{row.connection_id}:{row.remote_id}", str(row.values.get("name", "")), books)
        for row, books in session.execute(query)
        if row.values
    ]
    return sorted(found, key=lambda one: (one.name.casefold(), one.key))


def link(session: Session, actor: Actor, carrier_id: UUID, terms: Terms) -> AccountLink:
    """Say who a carrier is in the books, and how its bills are compared.

    Raises:
        Invalid: by field. NotFound: no carrier.
    """
    connection, row = carrier(session, actor, carrier_id)
    books_id, contact_ref = _contact(session, terms, connection.id)
    _refuse_wrong(terms)
    if row is None:
        row = AccountLink(carrier_id=connection.id, books_id=books_id, contact_ref=contact_ref)
        session.add(row)
    values = {
        "books_id": books_id, "contact_ref": contact_ref, "currency": terms.currency, "billed_for": terms.billed_for,
        "counted_by": terms.counted_by, "tolerance": terms.tolerance,
    }  # fmt: skip
    old = {name: getattr(row, name) for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    record(
        session, actor, "accounting.link.set", row, old=old, new=values | {"carrier_id": carrier_id}, risk=Risk.MEDIUM
    )
    return row


def unlink(session: Session, actor: Actor, carrier_id: UUID) -> None:
    """Forget who a carrier is in the books. Raises NotFound when nobody said so."""
    _connection, row = carrier(session, actor, carrier_id)
    if row is None:
        raise NotFound
    record(
        session, actor, "accounting.link.removed", row, old={"carrier_id": carrier_id, "contact_ref": row.contact_ref}
    )
    session.delete(row)


def is_carrier(adapter: str) -> bool:
    """Whether this connection leads to a carrier, by file or by hand."""
    return manifest_of(adapter).category is Category.CARRIER


def _contact(session: Session, terms: Terms, carrier_id: UUID) -> tuple[UUID, str]:
    """The connection and the id of the contact, which must have been read and not be another carrier."""
    connection, _colon, contact_ref = terms.contact.partition(":")
    try:
        books_id = UUID(connection)
    except ValueError:
        raise Invalid({"contact": "Select who the carrier is in the books"}) from None
    known = session.scalars(
        sa.select(RemoteRecord.id).where(
            RemoteRecord.connection_id == books_id, RemoteRecord.kind == Kind.CONTACT.value, RemoteRecord.remote_id == contact_ref
        )
    ).first()  # fmt: skip
    if known is None:
        raise Invalid({"contact": "Select who the carrier is in the books"})
    taken = sa.select(AccountLink.id).where(
        AccountLink.books_id == books_id, AccountLink.contact_ref == contact_ref, AccountLink.carrier_id != carrier_id
    )
    if session.scalars(taken).first() is not None:
        raise Invalid({"contact": "This one is another carrier already. Unlink that first"})
    return books_id, contact_ref


def _refuse_wrong(terms: Terms) -> None:
    wrong = {}
    if not re.fullmatch(r"[A-Z]{3}", terms.currency):
        wrong["currency"] = "Enter the three letters of a currency, like USD"
    if terms.billed_for not in list(BilledFor):
        wrong["billed_for"] = "Select which month a bill is for"
    if terms.counted_by not in list(CountedBy):
        wrong["counted_by"] = "Select whose premium counts"
    if terms.tolerance < 0:
        wrong["tolerance"] = "Enter an amount of zero or more"
    if wrong:
        raise Invalid(wrong)
