"""A bare Flask application inside the measured worker: what Flask and Jinja cost before we do anything."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from flask import Flask, render_template, request

PREFIX = "/bench/"


class Line(NamedTuple):
    id: str
    number: str
    name: str
    department: str
    title: str
    status: str
    hired_on: date


def bare_app() -> Flask:
    """`/bench/constant`: one word. `/bench/body`: reads what is posted. `/bench/page`: a 26 KB Jinja page of 25 rows from memory, as one would usually write it."""
    app = Flask("bench", template_folder=str(Path(__file__).parent / "templates"), static_folder=None)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    lines = [_line(number) for number in range(25)]
    departments = [(f"d{number}", f"Department {number:02d}") for number in range(40)]
    links = [(f"Section {number}", f"/section/{number}") for number in range(10)]

    @app.get("/bench/constant")
    def constant() -> str:
        return "ok"

    @app.post("/bench/body")
    def body() -> str:
        request.get_data(cache=False)
        return ""

    @app.get("/bench/page")
    def page() -> str:
        return render_template("list.html", rows=lines, departments=departments, links=links, user="Rosa Reyes")

    return app


def _line(number: int) -> Line:
    hired = date(2015, 1, 5) + timedelta(days=37 * number)
    status = ("active", "inactive", "terminated")[number % 3]
    return Line(
        f"0199b000-0000-7000-8000-{number:012d}", f"E{number:07d}", f"Ana <{number}> O'Neil & Sons",
        f"Department {number % 40:02d}", "Senior analyst", status, hired,
    )  # fmt: skip
