"""What a recruiter is told about an order. No subject names a person or a result; "complete" is all that is said of a report."""

from __future__ import annotations

ORDERS: dict[str, dict[str, tuple[str, str]]] = {
    "screening.invitation_expired": {
        "en": (
            "A provider's invitation expired",
            "Hello {{ name }},\n\nThe candidate of {{ number }} did not fill in the provider's form in time. Order again to send a new"
            " invitation, or cancel the check.",
        ),
        "es": (
            "Venció la invitación de un proveedor",
            "Hola {{ name }},\n\nEl candidato de {{ number }} no llenó a tiempo el formulario del proveedor. Pida otra vez para enviar una"
            " invitación nueva, o cancele la verificación.",
        ),
    },
    "screening.report_complete": {
        "en": (
            "A check is complete",
            "Hello {{ name }},\n\nThe provider is done with {{ number }}. An adjudicator decides next; you will see the decision on the"
            " page of the request.",
        ),
        "es": (
            "Una verificación está completa",
            "Hola {{ name }},\n\nEl proveedor terminó con {{ number }}. Ahora decide un evaluador; verá la decisión en la página de la"
            " solicitud.",
        ),
    },
}
