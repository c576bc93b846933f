"""One blueprint for the operations of the domain."""

from app.web.api.endpoints import blueprint

bp = blueprint("screening", "Background checks")
