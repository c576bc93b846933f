"""Makes calls and files, reads answers and files, by settings alone. Pure mapping: it sends nothing and decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from pydantic import BaseModel

from app.integrations.adapters.custom_screening.facts import Told, fold
from app.integrations.adapters.custom_screening.interface import api_of
from app.integrations.adapters.custom_screening.reading import Facts, Reader, without_repeats
from app.integrations.adapters.custom_screening.settings import ConnectorConfig, ConnectorSecrets
from app.integrations.adapters.custom_screening.writing import row_of
from app.integrations.api import Api
from app.integrations.contracts import FileTransport
from app.integrations.failures import BrokenAnswer, ContractDrift, Refused, Rejected
from app.integrations.formats.records import Format, Shape, read_records, write_records
from app.integrations.formats.records.writing import tree_of
from app.integrations.screening import Ability, Invitation, Order, Report, ScreeningProvider, Status, StoredDocument
from app.integrations.transports.http.calls import Answer, Body, Call, Json, Raw
from app.integrations.transports.sftp import SftpTransport

_ENDINGS = {
    Format.CSV: ".csv", Format.JSON: ".json", Format.JSON_LINES: ".jsonl", Format.XML: ".xml", Format.FIXED_WIDTH: ".txt",
}  # fmt: skip


_GARBLED = frozenset({"json-unreadable", "xml-unreadable", "not-text", "encoding-wrong"})


@dataclass(frozen=True, slots=True)
class OrderFile:
    """The same orders under the same key give the same file: sending it twice is safe."""

    name: str
    data: bytes = field(repr=False)


class Connector(ScreeningProvider):
    """See `ScreeningProvider`; `write_orders` and `read_results` are for connections by SFTP and by hand."""

    def __init__(self, config: ConnectorConfig) -> None:
        self._config = config
        self._api = api_of(config)
        self._reader = Reader(config.results, config.provider)
        self.hosts_consent = config.hosts_consent

    @property
    def abilities(self) -> frozenset[Ability]:
        """By the paths that are filled in."""
        api = self._config.api
        offered = {
            Ability.FIND_ORDERS: api.find_path,
            Ability.CANCEL: api.cancel_path,
            Ability.DOCUMENTS: api.report_path,
        }
        return frozenset(ability for ability, path in offered.items() if path and self._api is not None)

    # Over an interface

    def invite(self, candidate_id: str, order: Order, key: str) -> Call:
        """The order, with `order.candidate`. Raises `Rejected` for what the settings or the provider do not allow."""
        del candidate_id  # the person is in the order
        api = self._needed(self._config.api.order_path)
        self._readable()
        return api.operation("orders.create").call(self._body(order), key=key)

    def get_invitation(self, invitation_id: str) -> Call:
        return self.get_report(invitation_id)

    def read_invitation(self, answer: Answer) -> Invitation:
        report = self._one(answer).report
        return Invitation(
            id=report.id, status=report.status, candidate_id="", package=report.package, report_id=report.id,
            code=report.codes.get("status", ""),
        )  # fmt: skip

    def get_report(self, report_id: str) -> Call:
        self._readable()
        return self._needed(self._config.api.get_path).resource("order").get(report_id)

    def read_report(self, answer: Answer) -> Report:
        return self._one(answer).report

    def find_orders(self, candidate_id: str, order: Order) -> Call:
        """Those that carry our reference."""
        del candidate_id
        self._readable()
        if order.candidate is None:
            raise Rejected("candidate-missing", "The order does not say whom to screen.")
        row = row_of(order, self._config.orders)
        sought = str(row.get(self._config.orders.fields["reference"], ""))
        api = self._needed(self._config.api.find_path)
        return api.resource("found").list(((self._config.api.find_by, sought),))

    def read_found(self, answer: Answer) -> tuple[str, ...]:
        """Raises `ContractDrift` when orders of several references come: then the provider does not look, it lists everything."""
        told = self._told(answer, self._config.api.found)
        if len({one.reference for one in told}) > 1:
            raise ContractDrift("search-unfiltered")
        return tuple(one.report.id for one in told)

    def cancel_invitation(self, invitation_id: str) -> Call:
        api = self._needed(self._config.api.cancel_path)
        return api.operation("orders.cancel").call(fills={"id": invitation_id})

    def get_document(self, document_id: str) -> Call:
        return self._needed(self._config.api.report_path).resource("document").get(document_id)

    def read_document(self, answer: Answer) -> StoredDocument:
        """The file itself. Raises `ContractDrift` when it is no PDF."""
        if not answer.body.startswith(b"%PDF-"):
            raise ContractDrift("document-no-pdf")
        return StoredDocument("", "report", "report.pdf", "application/pdf", len(answer.body), data=answer.body)

    # By file

    def write_orders(self, orders: Sequence[Order], key: str) -> OrderFile:
        """One file. key: letters, digits and dashes; one per batch, and never used for another.

        Raises:
            Rejected: orders-missing, rule-broken …, or what a format cannot carry.
        """
        settings = self._config.orders
        if not orders or not settings.fields:
            raise Rejected("orders-missing", "There is nothing to write: no orders, or no fields in the settings.")
        if not key.replace("-", "").isalnum() or not key.isascii():
            raise Rejected("key-unsafe", "The key of a file may hold letters, digits and dashes.")
        name = settings.file_name.format(key=key)
        ending = "" if name.endswith(_ENDINGS[settings.format]) else _ENDINGS[settings.format]
        return OrderFile(name + ending, write_records([row_of(order, settings) for order in orders], settings))

    def read_results(self, data: bytes, received_at: datetime) -> Facts:
        """What a file says; nothing is changed by reading, so this is the dry run too. A row with a problem is left out.

        received_at: when the file came (UTC, aware); the time of each fact where the layout has none.

        Raises:
            Refused: the file as a whole cannot be used (`read_records`); move it to the folder for refused files.
            Rejected: the settings do not say how to read results.
        """
        self._readable()
        settings = self._config.results
        read = read_records(data, settings, settings.wanted)
        facts, problems = self._reader.read(read.records, received_at)
        good, contradictions, repeated = without_repeats(facts)
        found = sorted((*read.problems, *problems, *contradictions), key=lambda one: (one.row, one.code))
        return Facts(tuple(good), tuple(found), repeated, read.rows)

    # Below

    def _needed(self, path: str) -> Api:
        if self._api is None or not path:
            raise Rejected("not-offered", "The settings of this connection have no path for that.")
        return self._api

    def _readable(self) -> None:
        if not self._config.results.fields:
            raise Rejected("settings-incomplete", "Say in the settings how this provider's answers are read first.")

    def _body(self, order: Order) -> Body:
        settings = self._config.orders
        row = row_of(order, settings)
        if settings.format is Format.XML:
            return Raw("application/xml; charset=utf-8", write_records([row], settings))
        return Json(tree_of(row))

    def _one(self, answer: Answer) -> Told:
        """The order in an answer. Raises `ContractDrift`."""
        told = self._told(answer, self._config.results.records)
        if len(told) != 1:
            raise ContractDrift("object-unexpected")
        return told[0]

    def _told(self, answer: Answer, path: str) -> tuple[Told, ...]:
        settings = self._config.results
        shape: Shape = settings.model_copy(update={"records": path, "total": "", "skip": 0})
        try:
            read = read_records(answer.body, shape)
        except Refused as refused:
            if refused.code in _GARBLED:  # it may be cut off: the next answer may be whole
                raise BrokenAnswer("answer-unreadable") from refused
            raise ContractDrift("answer-unexpected") from refused
        facts, problems = self._reader.read(read.records, None)
        if problems or read.problems:
            raise ContractDrift((*read.problems, *problems)[0].code)
        return tuple(self._with_document(told) for told in fold(facts))

    def _with_document(self, told: Told) -> Told:
        if not self._config.api.report_path or told.report.status is not Status.COMPLETE:
            return told
        return replace(told, report=replace(told.report, documents=(told.report.id,)))


def open_screening(config: BaseModel) -> Connector:
    """The mapping of one connection."""
    return Connector(_checked(config))


def make_api(config: BaseModel) -> Api | None:
    """The interface of one connection; None when it works by files."""
    return api_of(_checked(config))


def open_files(config: BaseModel, secrets: BaseModel) -> FileTransport:
    """The provider's server. Raises `Rejected` when none is set."""
    settings = _checked(config)
    if settings.sftp is None or not isinstance(secrets, ConnectorSecrets):
        raise Rejected("server-missing", "Enter the provider's SFTP server and credentials first.")
    return SftpTransport(settings.sftp, secrets)


def _checked(config: BaseModel) -> ConnectorConfig:
    if not isinstance(config, ConnectorConfig):
        raise TypeError("custom_screening needs a ConnectorConfig")
    return config
