"""What every vendor's stand-in is made of. A vendor module needs these names and no others."""

from sandbox.vendors.core.access import Access, Caller, Client
from sandbox.vendors.core.faults import Fault
from sandbox.vendors.core.refusals import OAuthRefused, Refused
from sandbox.vendors.core.rows import Change, Row, Rows
from sandbox.vendors.core.vendor import Vendor
from sandbox.vendors.core.verdicts import DROP, Description, Patch
from sandbox.vendors.core.webhooks import Delivery, Hook

__all__ = [
    "DROP", "Access", "Caller", "Change", "Client", "Delivery", "Description", "Fault", "Hook", "OAuthRefused", "Patch",
    "Refused", "Row", "Rows", "Vendor",
]  # fmt: skip
