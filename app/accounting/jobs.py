"""What workers have to know of this domain: who takes the bills and payments that are read."""

from __future__ import annotations

from app.accounting.services import take_bill, take_payment
from app.integrations.sync.records import Kind
from app.syncing.services import takes

takes(Kind.INVOICE, take_bill)
takes(Kind.PAYMENT, take_payment)
