"""The texts around a case: to the candidate that a letter waits, to those who judge that something waits for them.

No subject and no body says what a report holds, or that a decision may be adverse: others see a screen. The letter says it, behind the link.
"""

from __future__ import annotations

CASES: dict[str, dict[str, tuple[str, str]]] = {
    "screening.letter": {
        "en": (
            "A letter for you",
            "Hello {{ name }},\n\n{{ company }} has written you a letter about your application. Please read it soon: it may name a day by"
            " which you can answer.\n\nThe button below opens it. You will be asked to show that it is you.",
        ),
        "es": (
            "Una carta para usted",
            "Hola {{ name }},\n\n{{ company }} le ha escrito una carta sobre su solicitud. Por favor léala pronto: puede indicar un día"
            " hasta el que puede responder.\n\nEl botón de abajo la abre. Se le pedirá que demuestre quién es.",
        ),
    },
    "screening.case.review": {
        "en": (
            "A report waits for a review",
            "Hello {{ name }},\n\nThe report of {{ number }} is complete and somebody has to look at it.",
        ),
        "es": (
            "Un informe espera una revisión",
            "Hola {{ name }},\n\nEl informe de {{ number }} está completo y alguien tiene que revisarlo.",
        ),
    },
    "screening.case.answered": {
        "en": (
            "An answer has arrived",
            "Hello {{ name }},\n\nThere is an answer in {{ number }}. The clock is settled by itself; please read it.",
        ),
        "es": (
            "Llegó una respuesta",
            "Hola {{ name }},\n\nHay una respuesta en {{ number }}. El plazo se ajusta solo; por favor léala.",
        ),
    },
    "screening.case.bounced": {
        "en": (
            "A letter came back",
            "Hello {{ name }},\n\nA letter of {{ number }} could not be delivered. The clock stands. It waits to be printed and mailed.",
        ),
        "es": (
            "Una carta fue devuelta",
            "Hola {{ name }},\n\nNo se pudo entregar una carta de {{ number }}. El plazo está detenido. La carta espera para imprimirse y"
            " enviarse por correo.",
        ),
    },
    "screening.case.due": {
        "en": (
            "The time to answer is over",
            "Hello {{ name }},\n\nThe time to answer in {{ number }} is over. Nothing happens by itself: please read everything again and"
            " decide.",
        ),
        "es": (
            "Terminó el plazo para responder",
            "Hola {{ name }},\n\nTerminó el plazo para responder en {{ number }}. Nada ocurre por sí solo: por favor lea todo otra vez y"
            " decida.",
        ),
    },
    "screening.case.disputed": {
        "en": (
            "A dispute takes long",
            "Hello {{ name }},\n\nThe dispute in {{ number }} has lasted {{ days }} days. The provider has 30 days, or 45 if there was new"
            " information. Ask it for the result.",
        ),
        "es": (
            "Una disputa tarda",
            "Hola {{ name }},\n\nLa disputa en {{ number }} dura {{ days }} días. El proveedor tiene 30 días, o 45 si hubo información"
            " nueva. Pídale el resultado.",
        ),
    },
    "screening.report.late": {
        "en": (
            "A check has passed its last day",
            "Hello {{ name }},\n\nThe report of {{ number }} is not complete after 30 days. Ask the provider, then let the check go on or"
            " end it.",
        ),
        "es": (
            "Una verificación superó su último día",
            "Hola {{ name }},\n\nEl informe de {{ number }} no está completo después de 30 días. Pregunte al proveedor y luego deje"
            " continuar la verificación o termínela.",
        ),
    },
    "screening.files.late": {
        "en": (
            "A result file is late",
            "Hello {{ name }},\n\nThe result file of {{ provider }} has not come by the agreed hour. Look at the connection and ask the"
            " provider.",
        ),
        "es": (
            "Un archivo de resultados se retrasa",
            "Hola {{ name }},\n\nEl archivo de resultados de {{ provider }} no llegó a la hora acordada. Revise la conexión y pregunte al"
            " proveedor.",
        ),
    },
    "screening.order.unknown": {
        "en": (
            "Nobody knows whether an order arrived",
            "Hello {{ name }},\n\nThe provider did not say whether it took the order of {{ number }}. It is not sent again by itself: that"
            " could order and cost twice. Look in the provider's portal, then say what you found.",
        ),
        "es": (
            "Nadie sabe si llegó un pedido",
            "Hola {{ name }},\n\nEl proveedor no dijo si recibió el pedido de {{ number }}. No se envía otra vez por sí solo: podría"
            " pedirse y cobrarse dos veces. Mire en el portal del proveedor y luego indique qué encontró.",
        ),
    },
    "screening.order.refused": {
        "en": (
            "A provider refused an order",
            "Hello {{ name }},\n\nThe provider did not take the order of {{ number }}. Its page says why; repair that and order again, or end"
            " the check.",
        ),
        "es": (
            "Un proveedor rechazó un pedido",
            "Hola {{ name }},\n\nEl proveedor no aceptó el pedido de {{ number }}. Su página dice por qué; corríjalo y pida otra vez, o"
            " termine la verificación.",
        ),
    },
}
