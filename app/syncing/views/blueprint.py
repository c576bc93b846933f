"""The one blueprint of the integrations pages."""

from flask import Blueprint

bp = Blueprint("syncing", __name__, url_prefix="/integrations")
