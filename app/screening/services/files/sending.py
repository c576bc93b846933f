"""Order files. Name and bytes are a committed fact before anything leaves, so a second attempt is the same file again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.connections import services as connections
from app.connections.models import Connection
from app.core import storage
from app.core.access import Can
from app.core.clock import now, today
from app.core.db import fetch
from app.core.errors import Conflict, Invalid, NotFound
from app.core.events import Actor, Regulation, Risk, record, record_read
from app.integrations.adapters.custom_screening.adapter import Connector
from app.integrations.adapters.custom_screening.adapter import OrderFile as Written
from app.integrations.adapters.custom_screening.settings import ConnectorConfig
from app.integrations.failures import AuthFailed, Failure, Rejected
from app.integrations.screening import Invitation, Order, Status
from app.screening.models import OrderFile, ScreeningRequest
from app.screening.rules.states import OrderFileState, OrderState
from app.screening.services import placing
from app.screening.services.files import ways
from app.screening.services.gate import missing

AT_ONCE = 200
"""Orders in one file; the rest follow in the next."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """Everything a delivery needs once the transaction is closed. wanted: False when an order in it may not go out any more."""

    file_id: UUID
    written: Written
    config: ConnectorConfig
    secrets: BaseModel = field(repr=False)
    adapter: str
    began_at: datetime | None
    wanted: bool


def parcel(session: Session, actor: Actor, connection_id: UUID) -> Parcel | None:
    """Gather what is released, and say what has to be delivered by SFTP; None when nothing has."""
    connection = fetch(session, Connection, connection_id, lock=True)
    if not ways.by_files(connection) or not connection.is_working:
        return None
    file = prepare(session, actor, connection)
    if file is None or not ways.by_server(connection):
        return None
    written = Written(file.name, storage.read(session, file.file_id))
    wanted = file.began_at is None or not _outdated(
        session, file
    )  # `prepare` has just looked at one that was not begun
    return Parcel(
        file.id, written, ways.config_of(connection), connections.secrets_of(connection), connection.adapter,
        file.began_at, wanted,
    )  # fmt: skip


def prepare(session: Session, actor: Actor, connection: Connection) -> OrderFile | None:
    """The file that is to leave next. One that nobody can have yet is written anew when something in it changed.

    By SFTP they leave one after the other; by hand a file somebody took a copy of no longer grows, so another one is begun.
    """
    query = sa.select(OrderFile).where(
        OrderFile.connection_id == connection.id, OrderFile.state == OrderFileState.READY.value
    )
    waiting = session.scalars(query.order_by(OrderFile.id).with_for_update()).all()
    begun = [file for file in waiting if file.began_at is not None]
    if begun and ways.by_server(connection):
        return begun[0]
    fresh = next((file for file in waiting if file.began_at is None), None)
    if fresh is not None and not _outdated(session, fresh) and not _released(session, connection):
        return fresh
    if fresh is not None:
        _withdraw(session, actor, fresh)
    return _make(session, actor, connection)


def orders_in(session: Session, file: OrderFile, *, lock: bool = False) -> Sequence[ScreeningRequest]:
    """The requests in a file that have not been placed by any other way since."""
    query = sa.select(ScreeningRequest).where(ScreeningRequest.order_file_id == file.id).order_by(ScreeningRequest.id)
    return session.scalars(query.with_for_update() if lock else query).all()


def _outdated(session: Session, file: OrderFile) -> bool:
    return any(request.canceled_at is not None or missing(session, request) for request in orders_in(session, file))


def _released(session: Session, connection: Connection) -> Sequence[ScreeningRequest]:
    query = sa.select(ScreeningRequest).where(
        ScreeningRequest.connection_id == connection.id, ScreeningRequest.order_state == OrderState.RELEASED.value
    )
    return session.scalars(query.order_by(ScreeningRequest.id).limit(AT_ONCE).with_for_update()).all()


def _withdraw(session: Session, actor: Actor, file: OrderFile) -> None:
    file.state = OrderFileState.WITHDRAWN.value
    for request in orders_in(session, file, lock=True):
        request.order_file_id = None
        if request.order_state == OrderState.PLACING:
            request.order_state = OrderState.RELEASED.value
    record(session, actor, "screening.order_file.withdrawn", file, new={"name": file.name})
    session.flush()


def _make(session: Session, actor: Actor, connection: Connection) -> OrderFile | None:
    connector = ways.connector_of(connection)
    released = _released(session, connection)
    told = [(one, order) for one in released if (order := _order(session, actor, connector, one)) is not None]
    if not told:
        return None
    file_id = uuid7()
    written = connector.write_orders([order for _, order in told], f"{today():%Y%m%d}-{file_id.hex[-8:]}")
    kept = storage.keep(
        session, written.data, name=written.name, content_type="application/octet-stream", purpose="screening_orders"
    )
    session.flush()
    made = OrderFile(
        id=file_id, connection_id=connection.id, name=written.name, file_id=kept.id, orders=len(told), problem="",
        state=OrderFileState.READY.value,
    )  # fmt: skip
    session.add(made)
    for request, _ in told:
        request.order_state, request.order_file_id = OrderState.PLACING.value, file_id
    session.flush()
    record(session, actor, "screening.order_file.made", made, new={"name": made.name, "orders": made.orders})
    return made


def _order(session: Session, actor: Actor, connector: Connector, request: ScreeningRequest) -> Order | None:
    """None when it may not leave (any more), or this provider's settings do not let it be written."""
    if not placing.still_wanted(session, actor, request):
        return None
    _, order = placing.order_of(session, request)
    try:
        connector.write_orders([order], "check")
    except Rejected as refused:
        request.order_state = OrderState.PLACING.value
        session.flush()
        placing.mark_refused(session, actor, request.id, refused.code)
        return None
    return order


def note_began(session: Session, file_id: UUID, known: datetime | None) -> bool:
    """From here on the provider may have the file. False when another attempt runs: leave it alone.

    Args:
        known: when the last attempt began, as this one saw it.
    """
    file = fetch(session, OrderFile, file_id, lock=True)
    if file.state != OrderFileState.READY or file.began_at != known:
        return False
    file.began_at = now()
    return True


def note_failure(session: Session, actor: Actor, parcel: Parcel, failure: Failure, *, nothing_there: bool) -> None:
    """The reason is kept; what only a person can repair stops the connection.

    Args:
        nothing_there: this attempt put nothing there, and no earlier one may have.
    """
    file, connection = _locked(session, parcel.file_id)
    file.problem = failure.code
    if nothing_there:
        file.began_at = None
    if isinstance(failure, AuthFailed):
        connections.mark_broken(session, actor, connection, failure.code)
    else:
        connections.note_failure(session, connection, failure.code)


def _locked(session: Session, file_id: UUID) -> tuple[OrderFile, Connection]:
    """First the connection, then its file: in this order everywhere."""
    connection_id = fetch(session, OrderFile, file_id).connection_id
    connection = fetch(session, Connection, connection_id, lock=True)
    return fetch(session, OrderFile, file_id, lock=True), connection


def mark_delivered(session: Session, actor: Actor, file_id: UUID, *, by_user_id: UUID | None = None) -> None:
    """The provider has the file: its orders are placed, under our reference until the provider tells its own. Twice changes nothing."""
    file, connection = _locked(session, file_id)
    if file.state == OrderFileState.DELIVERED:
        return
    file.state, file.delivered_at, file.problem = OrderFileState.DELIVERED.value, now(), ""
    file.delivered_by_user_id = by_user_id
    connections.note_exchange(session, connection)
    for request in orders_in(session, file, lock=True):
        place(session, actor, request)
    record(
        session, actor, "screening.order_file.delivered", file, new={"name": file.name, "orders": file.orders},
        regulation=Regulation.FCRA,
    )  # fmt: skip


def place(session: Session, actor: Actor, request: ScreeningRequest) -> None:
    """The provider has this order. Nobody asks for its state: files come by themselves."""
    if request.order_state not in (OrderState.PLACING, OrderState.UNKNOWN):
        return
    taken = Invitation(str(request.id), Status.ORDERED, candidate_id="", package=request.screening_package)
    placing.mark_placed(session, actor, request.id, taken)
    request.next_poll_at = None
    session.flush()


def mark_unknown(session: Session, actor: Actor, file_id: UUID, code: str) -> None:
    """Nobody knows whether the provider has the file, and it may not be sent again: a person asks the provider about each order."""
    file = fetch(session, OrderFile, file_id, lock=True)
    file.state, file.problem = OrderFileState.UNKNOWN.value, code
    for request in orders_in(session, file):
        placing.mark_uncertain(session, actor, request.id, code)
    record(session, actor, "screening.order_file.lost", file, new={"code": code}, risk=Risk.HIGH, success=False)


# --- by hand ----------------------------------------------------------------------------------------------------


def take_copy(session: Session, actor: Actor, file_id: UUID) -> tuple[str, bytes]:
    """Name and bytes for the person who hands the file over; from then on it stays as it is.

    Raises:
        NotFound: no such file. Conflict: an order in it may not go out any more, so it was withdrawn.
        Forbidden: the actor manages connections, but may not see who is screened.
    """
    actor.require(Can.CHECK_VIEW)
    file, connection = _by_hand(session, actor, file_id)
    if file.state == OrderFileState.READY and file.began_at is None:
        if _outdated(session, file):
            raise Conflict("this file has changed: an order in it may not go out any more")
        file.began_at = now()
    for request in orders_in(session, file):
        record_read(session, actor, "screening.order_file.read", request, person_id=request.candidate_id)
    record(session, actor, "screening.order_file.copied", file, new={"name": file.name, "connection": connection.code})
    return file.name, storage.read(session, file.file_id)


def hand_over(session: Session, actor: Actor, file_id: UUID) -> OrderFile:
    """A person says that the provider has the file.

    Raises:
        NotFound: no such file. Invalid: nobody has taken a copy of it yet. Conflict: it is over.
    """
    file, _ = _by_hand(session, actor, file_id)
    if file.state == OrderFileState.WITHDRAWN:
        raise Conflict("this file was withdrawn: take the new one")
    if file.began_at is None:
        raise Invalid("Download the file first, then give it to the provider.")
    mark_delivered(session, actor, file.id, by_user_id=actor.user_id)
    return file


def connection_of(session: Session, actor: Actor, file_id: UUID) -> UUID:
    """Whose file it is. Raises NotFound."""
    actor.require(Can.CONNECTION_MANAGE)
    return fetch(session, OrderFile, file_id).connection_id


def _by_hand(session: Session, actor: Actor, file_id: UUID) -> tuple[OrderFile, Connection]:
    actor.require(Can.CONNECTION_MANAGE)
    file, connection = _locked(session, file_id)
    if not ways.by_files(connection) or ways.by_server(connection):
        raise NotFound
    return file, connection
