"""The candidate's pages. The modules are imported for their routes."""

from app.screening.views.candidate import following, proving, signing, survey
from app.screening.views.candidate.blueprint import bp

__all__ = ["bp", "following", "proving", "signing", "survey"]
