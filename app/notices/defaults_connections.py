"""What whoever manages connections is told about a provider. No subject names a secret or a person."""

from __future__ import annotations

CONNECTIONS: dict[str, dict[str, tuple[str, str]]] = {
    "connections.broke": {
        "en": (
            "A connection needs you",
            "Hello {{ name }},\n\n{{ provider }} does not let {{ company }} in any more. Nothing is sent or fetched until somebody"
            " repairs it: open the connection, sign in or enter the credentials again, and test it.",
        ),
        "es": (
            "Una conexión le necesita",
            "Hola {{ name }},\n\n{{ provider }} ya no deja entrar a {{ company }}. No se envía ni se recibe nada hasta que alguien la"
            " repare: abra la conexión, inicie sesión o escriba otra vez las credenciales, y pruébela.",
        ),
    },
    "connections.ending": {
        "en": (
            "Access to a provider ends soon",
            "Hello {{ name }},\n\nThe access of {{ company }} to {{ provider }} ends on {{ ends_on | long_date }}. Renew it before that:"
            " open the connection and sign in again, or enter the new certificate.",
        ),
        "es": (
            "Pronto termina el acceso a un proveedor",
            "Hola {{ name }},\n\nEl acceso de {{ company }} a {{ provider }} termina el {{ ends_on | long_date }}. Renuévelo antes: abra"
            " la conexión e inicie sesión otra vez, o escriba el certificado nuevo.",
        ),
    },
}
