"""The texts a company starts with, English and Spanish. Subjects travel in clear and never hold anything personal.

kind → language → (subject, body). A body is plain text with Jinja variables; a blank line starts a paragraph.
"""

from __future__ import annotations

from app.notices.defaults_cases import CASES
from app.notices.defaults_channels import CHANNELS
from app.notices.defaults_connections import CONNECTIONS
from app.notices.defaults_hooks import HOOKS
from app.notices.defaults_orders import ORDERS
from app.notices.defaults_screening import SCREENING
from app.notices.defaults_syncing import SYNCING

Text = tuple[str, str]

DEFAULTS: dict[str, dict[str, Text]] = {
    "accounts.invite": {
        "en": (
            "Your benefits account is ready",
            "Hello {{ name }},\n\n{{ company }} has set up an account for you where you choose your benefits."
            "\n\nThe button below signs you in. It works once, for {{ days }} days.",
        ),
        "es": (
            "Su cuenta de beneficios está lista",
            "Hola {{ name }},\n\n{{ company }} creó una cuenta para que usted elija sus beneficios."
            "\n\nEl botón de abajo inicia su sesión. Funciona una sola vez, durante {{ days }} días.",
        ),
    },
    "accounts.reset": {
        "en": (
            "Choose a new password",
            "Hello {{ name }},\n\nSomebody, hopefully you, asked for a new password at {{ company }}."
            "\n\nIf it was not you, do nothing: your password stays as it is.",
        ),
        "es": (
            "Elija una contraseña nueva",
            "Hola {{ name }},\n\nAlguien, esperamos que usted, pidió una contraseña nueva en {{ company }}."
            "\n\nSi no fue usted, no haga nada: su contraseña no cambia.",
        ),
    },
    "accounts.verify": {
        "en": ("Confirm your e-mail address", "Hello {{ name }},\n\nPlease confirm that this address is yours."),
        "es": ("Confirme su correo electrónico", "Hola {{ name }},\n\nConfirme que esta dirección es suya."),
    },
    "accounts.locked": {
        "en": (
            "Several wrong sign-in attempts",
            "Hello {{ name }},\n\nSomebody tried to sign in to your account with wrong passwords. Sign-in is paused for a few"
            " minutes.\n\nIf it was not you, choose a new password.",
        ),
        "es": (
            "Varios intentos fallidos de inicio de sesión",
            "Hola {{ name }},\n\nAlguien intentó iniciar sesión en su cuenta con contraseñas incorrectas. El acceso se detiene unos"
            " minutos.\n\nSi no fue usted, elija una contraseña nueva.",
        ),
    },
    "accounts.changed": {
        "en": (
            "How you sign in has changed",
            "Hello {{ name }},\n\nThe way you sign in to your account was changed: a password, a second factor or a passkey."
            "\n\nIf it was not you, choose a new password now and tell HR.",
        ),
        "es": (
            "Cambió su forma de iniciar sesión",
            "Hola {{ name }},\n\nCambió la forma de iniciar sesión en su cuenta: una contraseña, un segundo factor o una llave de acceso."
            "\n\nSi no fue usted, elija ahora una contraseña nueva y avise a Recursos Humanos.",
        ),
    },
    "accounts.role.ending": {
        "en": (
            "A role of yours ends soon",
            "Hello {{ name }},\n\nYour role {{ role }} ends on {{ ends_on | long_date }}. If you still need it, ask whoever manages"
            " users at {{ company }} to extend it; if not, hand over what is open.",
        ),
        "es": (
            "Uno de sus roles termina pronto",
            "Hola {{ name }},\n\nSu rol {{ role }} termina el {{ ends_on | long_date }}. Si todavía lo necesita, pida que lo prolongue"
            " quien administra los usuarios en {{ company }}; si no, entregue lo que esté pendiente.",
        ),
    },
    "benefits.window.opened": {
        "en": (
            "Choose your benefits",
            "Hello {{ name }},\n\nIt is time to choose your medical, dental and vision coverage. You have until"
            " {{ closes_on | long_date }}.\n\nIt takes about ten minutes. Have the birth dates and Social Security numbers of the"
            " family members you want to cover at hand.",
        ),
        "es": (
            "Elija sus beneficios",
            "Hola {{ name }},\n\nEs hora de elegir su cobertura médica, dental y de la vista. Tiene hasta el"
            " {{ closes_on | long_date }}.\n\nToma unos diez minutos. Tenga a mano las fechas de nacimiento y los números de Seguro"
            " Social de los familiares que quiera cubrir.",
        ),
    },
    "benefits.window.reminder": {
        "en": (
            "Your enrollment closes soon",
            "Hello {{ name }},\n\nYou have {{ days }} days left to choose your benefits: until {{ closes_on | long_date }}.",
        ),
        "es": (
            "Su inscripción cierra pronto",
            "Hola {{ name }},\n\nLe quedan {{ days }} días para elegir sus beneficios: hasta el {{ closes_on | long_date }}.",
        ),
    },
    "benefits.enrollment.submitted": {
        "en": (
            "We have your benefit choices",
            "Hello {{ name }},\n\nWe received your choices ({{ number }}). HR looks at them next."
            "\n\nYour confirmation is attached. It is also on your benefits page.",
        ),
        "es": (
            "Recibimos sus elecciones",
            "Hola {{ name }},\n\nRecibimos sus elecciones ({{ number }}). Ahora las revisa Recursos Humanos."
            "\n\nSu confirmación va adjunta. También está en su página de beneficios.",
        ),
    },
    "benefits.enrollment.approved": {
        "en": (
            "Your benefit choices are approved",
            "Hello {{ name }},\n\nHR approved your choices ({{ number }}). We now tell the insurance carriers. You are covered once"
            " their own records agree; your benefits page shows it.",
        ),
        "es": (
            "Sus elecciones fueron aprobadas",
            "Hola {{ name }},\n\nRecursos Humanos aprobó sus elecciones ({{ number }}). Ahora avisamos a las aseguradoras. Usted"
            " tiene cobertura cuando sus registros coincidan; su página de beneficios lo muestra.",
        ),
    },
    "benefits.enrollment.rejected": {
        "en": (
            "Your benefit choices need a change",
            "Hello {{ name }},\n\nHR could not approve your choices ({{ number }}). Sign in to read why and to correct them.",
        ),
        "es": (
            "Sus elecciones necesitan un cambio",
            "Hola {{ name }},\n\nRecursos Humanos no pudo aprobar sus elecciones ({{ number }}). Inicie sesión para leer el motivo"
            " y corregirlas.",
        ),
    },
    "benefits.coverage.confirmed": {
        "en": (
            "You are covered",
            "Hello {{ name }},\n\n{{ carrier }} confirmed your coverage from {{ starts_on | long_date }}.",
        ),
        "es": (
            "Usted tiene cobertura",
            "Hola {{ name }},\n\n{{ carrier }} confirmó su cobertura a partir del {{ starts_on | long_date }}.",
        ),
    },
    "benefits.coverage.renewed": {
        "en": (
            "Your coverage continues",
            "Hello {{ name }},\n\nYou chose nothing new, so what you have goes on. From {{ starts_on | long_date }} the prices of the"
            " new plan year count. Your benefits page shows each plan and what you pay.",
        ),
        "es": (
            "Su cobertura continúa",
            "Hola {{ name }},\n\nUsted no eligió nada nuevo, por eso continúa lo que tiene. A partir del {{ starts_on | long_date }}"
            " valen los precios del nuevo año del plan. Su página de beneficios muestra cada plan y lo que paga.",
        ),
    },
    "benefits.coverage.not_renewed": {
        "en": (
            "Some of your coverage ends",
            "Hello {{ name }},\n\nA plan you have cannot go on into the new plan year. You are covered by it until"
            " {{ ends_on | long_date }}.\n\nSign in to see which one, and talk to HR about what you can choose instead.",
        ),
        "es": (
            "Parte de su cobertura termina",
            "Hola {{ name }},\n\nUn plan que usted tiene no puede continuar en el nuevo año del plan. Le cubre hasta el"
            " {{ ends_on | long_date }}.\n\nInicie sesión para ver cuál es y hable con Recursos Humanos sobre qué puede elegir.",
        ),
    },
    "benefits.dependent.aging_out": {
        "en": (
            "A child you cover reaches the age limit",
            "Hello {{ name }},\n\nA child you cover is about to reach the age limit of your plan. The coverage of this child ends on"
            " {{ ends_on | long_date }}, and if your price changes with that, the new one counts from the next day."
            "\n\nThere are 60 days to find other coverage: a plan of the child's own employer, the health insurance marketplace, or a"
            " continuation (COBRA). Tell HR now if the child has a disability and depends on you.",
        ),
        "es": (
            "Un hijo que usted cubre llega al límite de edad",
            "Hola {{ name }},\n\nUn hijo o una hija que usted cubre está por llegar al límite de edad de su plan. Esa cobertura termina"
            " el {{ ends_on | long_date }}; si con ello cambia su precio, el nuevo vale desde el día siguiente."
            "\n\nHay 60 días para encontrar otra cobertura: el plan de su propio empleador, el mercado de seguros médicos o una"
            " continuación (COBRA). Avise ahora a Recursos Humanos si tiene una discapacidad y depende de usted.",
        ),
    },
    "feeds.file.overdue": {
        "en": ("A carrier has not answered", "{{ carrier }} has not acknowledged a file in time. Look at the file and call the carrier."),
        "es": ("Una aseguradora no respondió", "{{ carrier }} no confirmó un archivo a tiempo. Revise el archivo y llame a la aseguradora."),
    },
    "feeds.file.held": {
        "en": ("A carrier file waits for you", "A file for {{ carrier }} would end coverage for more people than usual. A second person must look at it."),
        "es": ("Un archivo espera su revisión", "Un archivo para {{ carrier }} terminaría la cobertura de más personas de lo habitual. Otra persona debe revisarlo."),
    },
    "feeds.work.given_up": {
        "en": ("Work for a carrier needs a person", "Corridor gave up on a piece of work for {{ carrier or 'the carriers' }}: it is not tried again by itself. Look at it, repair what is wrong, and run it again."),
        "es": ("Un trabajo para una aseguradora necesita a una persona", "Corridor dejó de intentar un trabajo para {{ carrier or 'las aseguradoras' }}: no se repite solo. Revíselo, corrija la causa y ejecútelo de nuevo."),
    },
} | SCREENING | CASES | ORDERS | HOOKS | CONNECTIONS | CHANNELS | SYNCING  # fmt: skip

LANGUAGES = ("en", "es")
