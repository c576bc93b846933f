"""A two-page notice: letterhead, prose, a table of twelve rows, a form box. Style and fonts are the product's."""

from __future__ import annotations

PROSE = (
    "This letter confirms the coverage you chose. Read it and keep it with your papers. If something is not as you expected, "
    "write to your benefits team within thirty days. Your coverage is governed by the plan documents, which you may ask for at any time. "
)


def letter(number: int) -> str:
    """The whole HTML document; each one differs, so that nothing is cached by accident."""
    rows = "".join(
        f'<tr><th scope="row">Plan {row} of letter {number}</th><td>Employee and family</td><td>2027-01-01</td>'
        f"<td>${row * 13 + number % 7}.50</td></tr>"
        for row in range(12)
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Notice {number}</title></head><body>'
        f"<header><p>Meridian Works</p><p>1 Main Street, Albany, NY 12207</p></header><main><h1>Your benefits, notice {number}</h1>"
        + "".join(f"<h2>Part {part}</h2><p>{PROSE * 3}</p>" for part in range(5))
        + f'<table><caption>Coverage</caption><thead><tr><th scope="col">Plan</th><th scope="col">Who</th><th scope="col">From</th>'
        f'<th scope="col">Cost</th></tr></thead><tbody>{rows}</tbody></table>'
        f"<section><h2>Your answer</h2><p>Name: ______________________</p><p>Date: ______________________</p></section></main></body></html>"
    )
