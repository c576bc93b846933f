"""What a recruiter is told about an order. No subject names a person or a result; "complete" is all that is said of a report."""

from __future__ import annotations

ORDERS: dict[str, dict[str, tuple[str, str]]] = {
    "screening.order_uncertain": {
        "en": (
            "Nobody knows whether an order arrived",
            "Hello {{ name }},\n\nThe connection to the provider broke while {{ number }} was ordered. Look in the provider's own pages"
            " whether the order is there, and say on the page of the request what you found. Nothing is ordered twice by itself.",
        ),
        "es": (
            "Nadie sabe si un pedido llegó",
            "Hola {{ name }},\n\nLa conexión con el proveedor se cortó mientras se pedía {{ number }}. Mire en las páginas del proveedor si"
            " el pedido está allí y diga en la página de la solicitud qué encontró. Nada se pide dos veces por sí solo.",
        ),
    },
    "screening.order_refused": {
        "en": (
            "A provider refused an order",
            "Hello {{ name }},\n\nThe provider did not take the order of {{ number }}. The page of the request says why. Repair it, then"
            " order again.",
        ),
        "es": (
            "Un proveedor rechazó un pedido",
            "Hola {{ name }},\n\nEl proveedor no aceptó el pedido de {{ number }}. La página de la solicitud dice por qué. Corríjalo y pida"
            " otra vez.",
        ),
    },
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
