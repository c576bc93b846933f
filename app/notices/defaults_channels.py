"""What is posted into a team's channel and to nobody in particular. Only the subject goes there."""

from __future__ import annotations

CHANNELS: dict[str, dict[str, tuple[str, str]]] = {
    "notices.channel.try": {
        "en": ("Corridor can post here", "A test message."),
        "es": ("Corridor puede publicar aquí", "Un mensaje de prueba."),
    },
}
