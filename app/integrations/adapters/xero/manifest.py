"""Xero as data. Facts: developer.xero.com and Xero's own OpenAPI; what was seen where stands in README.md."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from app.integrations.adapters.xero.adapter import XeroConfig, day, organization
from app.integrations.api import Api, Deletes, Environment, Resource
from app.integrations.auth.kinds import OAuth2Code
from app.integrations.contracts import Category, Manifest
from app.integrations.paging import ByNumber
from app.integrations.protection.limits import Concurrency, Per, Rate
from app.integrations.sync.mapping import Codes, Const, negated
from app.integrations.sync.reading import Since
from app.integrations.sync.records import Bill, Kind
from app.integrations.transports.http.rules import Means, On, Rules
from app.integrations.webhooks.door import Events, Handshake, Webhooks
from app.integrations.webhooks.kinds import Hmac, Written

_BASE = "/api.xro/2.0"
_SINCE = Since(header="If-Modified-Since", zone_text="%Y-%m-%dT%H:%M:%SZ")
_PAGES = ByNumber(size="pageSize", count=500, last="pagination.pageCount")
_LIMIT = "X-Rate-Limit-Problem"
_STATUS = Codes(
    "Status",
    {"DRAFT": Bill.DRAFT, "SUBMITTED": Bill.DRAFT, "AUTHORISED": Bill.OPEN, "PAID": Bill.PAID, "VOIDED": Bill.VOID},
    otherwise=Bill.UNKNOWN,
)


class XeroSecrets(BaseModel):
    """Of the web app that is registered at developer.xero.com."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: SecretStr = Field(title="Client ID")
    client_secret: SecretStr = Field(title="Client secret")
    webhook_key: SecretStr | None = Field(None, title="Webhook signing key")


API = Api(
    base_urls={Environment.PRODUCTION: "https://api.xero.com"},
    auth=OAuth2Code(
        authorize_url="https://login.xero.com/identity/connect/authorize",
        token_url="https://identity.xero.com/connect/token",  # noqa: S106 an address
        revoke_url="https://identity.xero.com/connect/revocation",
        scopes={
            "offline_access": "Stay connected while nobody is signed in",
            "accounting.settings.read": "Read the chart of accounts",
            "accounting.contacts.read": "Read the names of suppliers",
            "accounting.invoices.read": "Read bills and credit notes",
            "accounting.payments.read": "Read what was paid on bills",
        },
        asks={"tenantId": organization},
        idle_days=60,
    ),
    headers={"Xero-Tenant-Id": "{tenantId}"},
    rules=Rules(
        errors=(
            On(
                Means.REFUSED_AUTH,
                403,
                path="Detail",
                value="^AuthenticationUnsuccessful$",
                code="organization-not-connected",
            ),
            On(Means.SLOW_DOWN, 429, header=(_LIMIT, "^da"), code="day-limit", pause_seconds=3600),
            On(Means.SLOW_DOWN, 429, header=(_LIMIT, "^app"), code="app-limit"),
            On(Means.SLOW_DOWN, 429, header=(_LIMIT, "^concurrent"), code="too-many-at-once", pause_seconds=5),
        ),
        pause_seconds=60,
    ),
    limits=(Rate(60, 60), Rate(1000, 86_400), Concurrency(5), Rate(10_000, 60, Per.PROVIDER)),
    resources=(
        Resource(
            "account",
            f"{_BASE}/Accounts/{{id}}",
            f"{_BASE}/Accounts",
            records="Accounts",
            key="AccountID",
            kind=Kind.ACCOUNT,
            fields={
                "name": "Name",
                "code": "Code",
                "kind": "Type",
                "currency": "CurrencyCode",
                "active": Codes("Status", {"ACTIVE": True}, otherwise=False),
            },
            since=_SINCE,
            gone="Status == 'DELETED'",
            deletes=Deletes.TOMBSTONES,
            one="Accounts.0",
            only=(
                "AccountID",
                "Code",
                "Name",
                "Type",
                "Status",
                "CurrencyCode",
                "UpdatedDateUTC",
            ),  # no numbers of bank accounts
        ),
        Resource(
            "contact",
            f"{_BASE}/Contacts/{{id}}",
            f"{_BASE}/Contacts?includeArchived=true&summaryOnly=true&order=ContactID",
            records="Contacts",
            key="ContactID",
            pages=_PAGES,
            total="pagination.itemCount",
            kind=Kind.CONTACT,
            fields={"name": "Name"},
            since=_SINCE,
            gone="ContactStatus == 'GDPRREQUEST'",
            deletes=Deletes.TOMBSTONES,
            one="Contacts.0",
            only=(
                "ContactID",
                "Name",
                "ContactStatus",
                "UpdatedDateUTC",
            ),  # some are people: no addresses, no tax numbers
        ),
        Resource(
            "invoice",
            f"{_BASE}/Invoices/{{id}}",
            f"{_BASE}/Invoices?where=Type%3D%3D%22ACCPAY%22&order=InvoiceID",
            records="Invoices",
            key="InvoiceID",
            pages=_PAGES,
            total="pagination.itemCount",
            kind=Kind.INVOICE,
            fields={
                "number": "InvoiceNumber",
                "contact": "Contact.ContactID",
                "contact_name": "Contact.Name",
                "status": _STATUS,
                "issued_on": day("Date"),
                "due_on": day("DueDate"),
                "currency": "CurrencyCode",
                "total": "Total",
                "open_amount": "AmountDue",
                "reference": "Reference",
            },
            since=_SINCE,
            # A webhook also speaks of what the company sells, which is nobody's bill.
            gone="Status == 'DELETED' || Type != 'ACCPAY'",
            deletes=Deletes.TOMBSTONES,
            one="Invoices.0",
            order=20,
        ),
        Resource(
            "credit",
            f"{_BASE}/CreditNotes/{{id}}",
            f"{_BASE}/CreditNotes?where=Type%3D%3D%22ACCPAYCREDIT%22&order=CreditNoteID",
            records="CreditNotes",
            key="CreditNoteID",
            pages=_PAGES,
            total="pagination.itemCount",
            kind=Kind.INVOICE,
            fields={
                "number": "CreditNoteNumber",
                "contact": "Contact.ContactID",
                "contact_name": "Contact.Name",
                "status": _STATUS,
                "issued_on": day("Date"),
                "currency": "CurrencyCode",
                "total": negated("Total"),
                "open_amount": Const(0),
                "reference": "Reference",
            },
            since=_SINCE,
            gone="Status == 'DELETED' || Type != 'ACCPAYCREDIT'",
            deletes=Deletes.TOMBSTONES,
            one="CreditNotes.0",
            order=20,
        ),
        Resource(
            "payment",
            f"{_BASE}/Payments/{{id}}",
            f"{_BASE}/Payments?where=PaymentType%3D%3D%22ACCPAYPAYMENT%22&order=PaymentID",
            records="Payments",
            key="PaymentID",
            pages=_PAGES,
            total="pagination.itemCount",
            kind=Kind.PAYMENT,
            fields={
                "invoice": "Invoice.InvoiceID",
                "paid_on": day("Date"),
                "currency": "Invoice.CurrencyCode",
                "amount": "Amount",
                "reference": "Reference",
            },
            since=_SINCE,
            gone="Status == 'DELETED'",
            deletes=Deletes.TOMBSTONES,
            one="Payments.0",
            order=30,
        ),
    ),
)

MANIFEST = Manifest(
    slug="xero",
    name="Xero",
    category=Category.ACCOUNTING,
    docs="https://developer.xero.com/documentation/api/accounting/overview",
    owner="corridor",
    config=XeroConfig,
    secrets=XeroSecrets,
    api=API,
    webhooks=Webhooks(
        verifier=Hmac("x-xero-signature", Written.BASE64),
        secret="webhook_key",  # noqa: S106 the name of a field
        handshake=Handshake.XERO,
        events=Events(
            items="events",
            id="tenantId+resourceId+eventType+eventDateUtc",
            kind="eventCategory",
            subject="resourceId",
            about={"INVOICE": "invoice", "CREDITNOTE": "credit", "CONTACT": "contact"},
        ),
    ),
)
