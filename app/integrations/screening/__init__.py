"""What every screening provider is to Corridor: the same few words for all of them, and the promise an adapter keeps."""

from app.integrations.screening.facts import (
    AdverseAction,
    AdverseItem,
    AdverseState,
    Callback,
    Candidate,
    Check,
    Delivery,
    Invitation,
    Order,
    Package,
    Report,
    Result,
    Status,
    StoredDocument,
    WorkLocation,
)
from app.integrations.screening.provider import Ability, ScreeningFactory, ScreeningProvider

__all__ = [
    "Ability",
    "AdverseAction",
    "AdverseItem",
    "AdverseState",
    "Callback",
    "Candidate",
    "Check",
    "Delivery",
    "Invitation",
    "Order",
    "Package",
    "Report",
    "Result",
    "ScreeningFactory",
    "ScreeningProvider",
    "Status",
    "StoredDocument",
    "WorkLocation",
]
