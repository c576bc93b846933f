"""What who sets up connections is told about outbound webhooks."""

from __future__ import annotations

HOOKS: dict[str, dict[str, tuple[str, str]]] = {
    "hooks.endpoint.stopped": {
        "en": (
            "A webhook endpoint was switched off",
            "Hello {{ name }},\n\n{{ provider }} takes no more messages, so Corridor sends none there. Look at what it answered, have it"
            " repaired, then switch it on again. Messages that failed can be sent again from its page.",
        ),
        "es": (
            "Se desactivó un receptor de webhooks",
            "Hola {{ name }},\n\n{{ provider }} ya no acepta mensajes, por eso Corridor no le envía más. Vea qué respondió, haga que lo"
            " reparen y actívelo de nuevo. Los mensajes que fallaron se pueden volver a enviar desde su página.",
        ),
    },
}
