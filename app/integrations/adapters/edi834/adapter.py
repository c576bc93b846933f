"""Joins profile, writer, gate, rules and readers into a `CarrierFeed`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from app.integrations.contracts import FileTransport
from app.integrations.failures import Refused, Rejected
from app.integrations.formats.carrier_rows import check_rows, write_rows
from app.integrations.formats.census import CensusRow, census_of, read_census_csv
from app.integrations.formats.x12.acknowledgements import Acknowledgement, read_acknowledgement
from app.integrations.formats.x12.eight34 import Batch
from app.integrations.formats.x12.findings import Finding, Severity
from app.integrations.formats.x12.gate import check_syntax
from app.integrations.formats.x12.profile import CarrierProfile, FileFormat
from app.integrations.formats.x12.reader import read_834
from app.integrations.formats.x12.rules import check_meaning
from app.integrations.formats.x12.writer import Control, Written, write_834
from app.integrations.transports.sftp import SftpConfig, SftpSecrets, SftpTransport

_NOBODY: Mapping[str, date] = {}


class Edi834Config(BaseModel):
    """Settings of one connection: the carrier's dialect, and its server (empty until the carrier gave one)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    profile: CarrierProfile = Field(title="Dialect")
    sftp: SftpConfig | None = Field(None, title="Server")


class Edi834Feed:
    """See `CarrierFeed`."""

    def __init__(self, profile: CarrierProfile) -> None:
        self.profile = profile

    def write(self, batch: Batch, control: Control) -> Written:
        """See `CarrierFeed.write`."""
        if self.profile.file_format is not FileFormat.X12:
            return write_rows(batch, self.profile, control)
        return write_834(batch, self.profile, control)

    def check(
        self, data: bytes, today: date, *, name: str = "", ended_on: Mapping[str, date] = _NOBODY
    ) -> list[Finding]:
        """See `CarrierFeed.check`."""
        if self.profile.file_format is not FileFormat.X12:
            return check_rows(data, self.profile)
        findings = check_syntax(data, self.profile)
        try:
            return findings + check_meaning(data, self.profile, today, name=name, ended_on=ended_on)
        except Refused as refused:
            return [*findings, Finding(Severity.ERROR, refused.code, refused.reason)]

    def read_acknowledgement(self, data: bytes) -> Acknowledgement:
        """See `CarrierFeed.read_acknowledgement`."""
        return read_acknowledgement(data)

    def read_census(self, data: bytes) -> list[CensusRow]:
        """See `CarrierFeed.read_census`: an 834 audit file or a CSV by the profile's columns."""
        if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"ISA"):
            return census_of(read_834(data, self.profile))
        return read_census_csv(data, self.profile.census_columns)


def build_feed(config: BaseModel) -> Edi834Feed:
    """The feed of one connection."""
    return Edi834Feed(_checked(config).profile)


def open_files(config: BaseModel, secrets: BaseModel) -> FileTransport:
    """The carrier's server. Raises `Rejected` when the profile asks for what is not built or no server is set."""
    settings = _checked(config)
    if settings.profile.pgp_required or settings.profile.transport != "sftp":
        raise Rejected("transport-not-built", "Corridor cannot send PGP or AS2 yet; ask the carrier for plain SFTP.")
    if settings.sftp is None or not isinstance(secrets, SftpSecrets):
        raise Rejected("server-missing", "Enter the carrier's SFTP server and credentials first.")
    return SftpTransport(settings.sftp, secrets)


def _checked(config: BaseModel) -> Edi834Config:
    if not isinstance(config, Edi834Config):
        raise TypeError("edi834 needs an Edi834Config")
    return config
