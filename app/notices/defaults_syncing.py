"""What is told about integrations. No subject and no body names a person of a record."""

from __future__ import annotations

SYNCING: dict[str, dict[str, tuple[str, str]]] = {
    "syncing.failed": {
        "en": (
            "An integration could not be read",
            "Hello {{ name }},\n\nThe sync with {{ provider }} failed. Nothing was lost, and what was taken before stays. The page below"
            " says why and what to do.",
        ),
        "es": (
            "No se pudo leer una integración",
            "Hola {{ name }},\n\nLa sincronización con {{ provider }} falló. No se perdió nada, y lo tomado antes se queda. La página de"
            " abajo dice por qué y qué hacer.",
        ),
    },
    "syncing.held": {
        "en": (
            "A sync waits for you",
            "Hello {{ name }},\n\nIn the full list of {{ provider }} more records are missing than you allow. Nobody was marked as gone."
            " Please say whether they really are.",
        ),
        "es": (
            "Una sincronización le espera",
            "Hola {{ name }},\n\nEn la lista completa de {{ provider }} faltan más registros de los que usted permite. No se marcó a nadie"
            " como ausente. Por favor diga si de verdad ya no están.",
        ),
    },
    "syncing.records": {
        "en": (
            "Records of an integration need a person",
            "Hello {{ name }},\n\nSome records of {{ provider }} were not taken by themselves: Corridor does not know who or what they are,"
            " or something in them is wrong. Please decide.",
        ),
        "es": (
            "Registros de una integración necesitan a una persona",
            "Hola {{ name }},\n\nAlgunos registros de {{ provider }} no se tomaron por sí solos: Corridor no sabe quién o qué son, o algo en"
            " ellos está mal. Por favor decida.",
        ),
    },
}
