"""The verbs of accounting. First argument the session, then the actor; nothing here commits."""

from app.accounting.services.bills import take_bill, take_payment
from app.accounting.services.linking import Contact, Terms, carrier, contacts, link, unlink
from app.accounting.services.reconciling import Carrier, Filters, Line, Month, export, look, reconcile

__all__ = [
    "Carrier", "Contact", "Filters", "Line", "Month", "Terms", "carrier", "contacts", "export", "link", "look", "reconcile", "take_bill", "take_payment", "unlink",
]  # fmt: skip
