"""The texts of background screening. No subject names a person, a job or a report: it travels in clear, and others see a screen."""

from __future__ import annotations

SCREENING: dict[str, dict[str, tuple[str, str]]] = {
    "screening.link": {
        "en": (
            "Documents for you to read and sign",
            "Hello {{ name }},\n\n{{ company }} asks for your permission to do a background check for the job of {{ position }}."
            " It takes about two minutes. You need no account and no password.\n\nThe link works for {{ days }} days. You decide whether"
            " you agree.",
        ),
        "es": (
            "Documentos para leer y firmar",
            "Hola {{ name }},\n\n{{ company }} pide su permiso para hacer una verificación de antecedentes para el puesto de"
            " {{ position }}. Toma unos dos minutos. No necesita cuenta ni contraseña.\n\nEl enlace funciona durante {{ days }} días."
            " Usted decide si está de acuerdo.",
        ),
    },
    "screening.follow": {
        "en": (
            "Your page",
            "Hello {{ name }},\n\nHere is the page again on which you see how things are for the job of {{ position }} at {{ company }}.",
        ),
        "es": (
            "Su página",
            "Hola {{ name }},\n\nAquí está otra vez la página en la que ve cómo va todo para el puesto de {{ position }} en"
            " {{ company }}.",
        ),
    },
    "screening.reminder": {
        "en": (
            "Your documents are still waiting",
            "Hello {{ name }},\n\n{{ company }} still waits for your answer about the job of {{ position }}. It takes about two minutes,"
            " and what you already read is kept.",
        ),
        "es": (
            "Sus documentos siguen esperando",
            "Hola {{ name }},\n\n{{ company }} todavía espera su respuesta sobre el puesto de {{ position }}. Toma unos dos minutos, y lo"
            " que ya leyó está guardado.",
        ),
    },
    "screening.code": {
        "en": (
            "Your code",
            "Hello {{ name }},\n\nType this code on the page you have open. It works for 10 minutes.\n\nIf you did not ask for it, do"
            " nothing. Nobody from {{ company }} will ask you for it.",
        ),
        "es": (
            "Su código",
            "Hola {{ name }},\n\nEscriba este código en la página que tiene abierta. Funciona durante 10 minutos.\n\nSi no lo pidió, no"
            " haga nada. Nadie de {{ company }} se lo pedirá.",
        ),
    },
    "screening.receipt": {
        "en": (
            "Your copy of what you signed",
            "Hello {{ name }},\n\nThe documents you signed for {{ company }} are attached. The link shows how far things are, and there"
            " you can take your permission back at any time.",
        ),
        "es": (
            "Su copia de lo que firmó",
            "Hola {{ name }},\n\nAdjuntamos los documentos que firmó para {{ company }}. El enlace muestra cómo va todo, y allí puede"
            " retirar su permiso en cualquier momento.",
        ),
    },
    "screening.link_undeliverable": {
        "en": (
            "A candidate could not be reached",
            "Hello {{ name }},\n\nThe e-mail for {{ number }} came back: the address does not work. Correct it, and send the link again.",
        ),
        "es": (
            "No se pudo contactar a un candidato",
            "Hola {{ name }},\n\nEl correo de {{ number }} fue devuelto: la dirección no funciona. Corríjala y envíe el enlace otra vez.",
        ),
    },
    "screening.link_held": {
        "en": (
            "A candidate's documents cannot be made yet",
            "Hello {{ name }},\n\nThe documents of {{ number }} lack something, so nothing was sent. The page of the request says what.",
        ),
        "es": (
            "Los documentos de un candidato aún no se pueden preparar",
            "Hola {{ name }},\n\nA los documentos de {{ number }} les falta algo, por eso no se envió nada. La página de la solicitud dice"
            " qué.",
        ),
    },
    "screening.consent_refused": {
        "en": (
            "A check will not go on",
            "Hello {{ name }},\n\nThe candidate of {{ number }} did not give permission, or took it back. The check has stopped. Nobody has"
            " to give a reason, and none was asked.",
        ),
        "es": (
            "Una verificación no continúa",
            "Hola {{ name }},\n\nEl candidato de {{ number }} no dio su permiso o lo retiró. La verificación se detuvo. Nadie tiene que dar"
            " un motivo, y no se pidió ninguno.",
        ),
    },
    "screening.paper_wanted": {
        "en": (
            "A candidate asks for paper",
            "Hello {{ name }},\n\nThe candidate of {{ number }} wants the documents on paper. Print them from the page of the request,"
            " and hand or send them over.",
        ),
        "es": (
            "Un candidato pide papel",
            "Hola {{ name }},\n\nEl candidato de {{ number }} quiere los documentos en papel. Imprímalos desde la página de la solicitud"
            " y entréguelos o envíelos.",
        ),
    },
}
