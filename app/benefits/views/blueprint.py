"""The blueprint all benefits views share."""

from flask import Blueprint

bp = Blueprint("benefits", __name__, url_prefix="/benefits")
