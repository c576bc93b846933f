"""QuickBooks Online as data. Facts: developer.intuit.com; what was seen where stands in README.md."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from app.integrations.adapters.quickbooks.adapter import (
    QuickBooksConfig,
    is_live,
    only_linked,
    read_books,
    standing,
)
from app.integrations.api import Api, Deletes, Environment, Resource
from app.integrations.auth.kinds import OAuth2Code
from app.integrations.contracts import Category, Manifest
from app.integrations.protection.limits import Concurrency, Rate
from app.integrations.sync.mapping import Const, negated
from app.integrations.sync.records import Bill, Kind
from app.integrations.transports.http.rules import Means, On, Rules
from app.integrations.webhooks.door import Events, Webhooks
from app.integrations.webhooks.kinds import Hmac, Written

_DELETED = "status == 'Deleted'"
_EVERYBODY = " where Active in (true, false)"


class QuickBooksSecrets(BaseModel):
    """Of the app that is registered at developer.intuit.com."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: SecretStr = Field(title="Client ID")
    client_secret: SecretStr = Field(title="Client secret")
    verifier_token: SecretStr | None = Field(
        None, title="Webhook verifier token", description="Intuit shows it under Webhooks once an address is saved."
    )


API = Api(
    base_urls={
        Environment.PRODUCTION: "https://quickbooks.api.intuit.com/v3/company/{realmId}",
        Environment.STAGING: "https://sandbox-quickbooks.api.intuit.com/v3/company/{realmId}",
    },
    auth=OAuth2Code(
        authorize_url="https://appcenter.intuit.com/connect/oauth2",
        token_url="https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",  # noqa: S106 an address
        revoke_url="https://developer.api.intuit.com/v2/oauth2/tokens/revoke",
        scopes={
            # There is no narrower one for accounting; nothing is ever written.
            "com.intuit.quickbooks.accounting": "Read the company's accounts, vendors, bills and payments",
        },
        pkce=False,
        keeps=("realmId",),
        idle_days=100,
        life_days=5 * 365,
    ),
    rules=Rules(
        errors=(
            On(Means.REFUSED_AUTH, 403, path="Fault.Error.0.code", value="^0*3100$", code="company-not-connected"),
            On(Means.NOT_FOUND, 400, path="Fault.Error.0.code", value="^610$"),
            On(Means.REJECTED, 5, path="Fault.type", value="^ValidationFault$", code="query-refused"),
            On(Means.REJECTED, 2, path="Fault.type", value=".", code="fault-in-answer"),
        ),
        pause_seconds=60,
    ),
    limits=(Rate(500, 60), Rate(10, 1), Concurrency(10)),
    most_bytes=32 * 1024 * 1024,
    resources=(
        Resource("company", listing="/query?query=select%20*%20from%20CompanyInfo&minorversion=75"),
        Resource(
            "account",
            "/account/{id}",
            key="Id",
            kind=Kind.ACCOUNT,
            fields={
                "name": "FullyQualifiedName || Name",
                "code": "AcctNum",
                "kind": "AccountType",
                "currency": "CurrencyRef.value",
                "active": "Active",
            },
            gone=_DELETED,
            deletes=Deletes.DIFF,
            reader=read_books("Account", _EVERYBODY),
            one="Account",
        ),
        Resource(
            "contact",
            "/vendor/{id}",
            key="Id",
            kind=Kind.CONTACT,
            fields={"name": "DisplayName"},
            gone=_DELETED,
            deletes=Deletes.DIFF,
            reader=read_books("Vendor", _EVERYBODY),
            one="Vendor",
            only=(
                "Id",
                "DisplayName",
                "Active",
                "MetaData",
            ),  # some are people: no tax numbers, no bank accounts, no addresses
        ),
        Resource(
            "invoice",
            "/bill/{id}",
            key="Id",
            kind=Kind.INVOICE,
            fields={
                "number": "DocNumber",
                "contact": "VendorRef.value",
                "contact_name": "VendorRef.name",
                "status": standing,
                "issued_on": "TxnDate",
                "due_on": "DueDate",
                "currency": "CurrencyRef.value",
                "total": "TotalAmt",
                "open_amount": "Balance",
                "reference": "PrivateNote",
            },
            gone=_DELETED,
            deletes=Deletes.DIFF,
            reader=read_books("Bill"),
            one="Bill",
            order=20,
        ),
        Resource(
            "credit",
            "/vendorcredit/{id}",
            key="Id",
            kind=Kind.INVOICE,
            fields={
                "number": "DocNumber",
                "contact": "VendorRef.value",
                "contact_name": "VendorRef.name",
                "status": Const(Bill.PAID),
                "issued_on": "TxnDate",
                "currency": "CurrencyRef.value",
                "total": negated("TotalAmt"),
                "open_amount": Const(0),
                "reference": "PrivateNote",
            },
            gone=_DELETED,
            deletes=Deletes.DIFF,
            reader=read_books("VendorCredit"),
            one="VendorCredit",
            order=20,
        ),
        Resource(
            "payment",
            "/billpayment/{id}",
            key="Id",
            kind=Kind.PAYMENT,
            fields={
                "invoice": only_linked("Bill"),
                "paid_on": "TxnDate",
                "currency": "CurrencyRef.value",
                "amount": "TotalAmt",
                "reference": "DocNumber",
                "active": is_live,
            },
            gone=_DELETED,
            deletes=Deletes.DIFF,
            reader=read_books("BillPayment"),
            one="BillPayment",
            order=30,
        ),
    ),
)

_ABOUT = {
    "account": "account",
    "vendor": "contact",
    "bill": "invoice",
    "vendorcredit": "credit",
    "billpayment": "payment",
}

MANIFEST = Manifest(
    slug="quickbooks",
    name="QuickBooks Online",
    category=Category.ACCOUNTING,
    docs="https://developer.intuit.com/app/developer/qbo/docs/develop",
    owner="corridor",
    config=QuickBooksConfig,
    secrets=QuickBooksSecrets,
    api=API,
    webhooks=Webhooks(
        verifier=Hmac("intuit-signature", Written.BASE64),
        secret="verifier_token",  # noqa: S106 the name of a field
        events=Events(
            id="id",
            kind="type",
            subject="intuitentityid",
            about={f"qbo.{entity}.*": resource for entity, resource in _ABOUT.items()},
            before=Events(
                items="eventNotifications[].dataChangeEvent.entities[]",
                kind="name",
                subject="id",
                about=_ABOUT,
            ),
        ),
    ),
)
