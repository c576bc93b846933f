"""What a connection to ADP is told."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class Masked(StrEnum):
    """Whether ADP hides Social Security numbers and birth dates; the words are those of its header."""

    NO = "false"
    YES = "true"


class AdpConfig(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    masked: Masked = Field(
        Masked.NO,
        title="Social Security numbers and birth dates masked",
        description="Carriers need them. ADP has to allow the application to see them; what comes masked anyway is left out.",
    )


class AdpSecrets(BaseModel):
    """Of the application that ADP made for this company. The certificate is signed by ADP and ends, usually after a year or two."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: SecretStr = Field(title="Client ID")
    client_secret: SecretStr = Field(title="Client secret")
    certificate: SecretStr = Field(title="Client certificate", description="PEM, as ADP signed it, with its chain.")
    private_key: SecretStr = Field(title="Private key of the certificate", description="PEM, without a password.")
