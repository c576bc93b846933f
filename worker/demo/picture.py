"""The logo of the demo company, drawn here: a compass needle, on nothing."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

TEAL, RUST = (11, 107, 96, 255), (196, 84, 42, 255)
SIZE, FINE = 240, 4


def logo() -> bytes:
    """PNG with a transparent ground, as designers send them."""
    drawn = Image.new("RGBA", (SIZE * FINE, SIZE * FINE), (0, 0, 0, 0))
    pen, middle, unit = ImageDraw.Draw(drawn), SIZE * FINE // 2, SIZE * FINE // 24
    pen.ellipse((unit, unit, 23 * unit, 23 * unit), outline=TEAL, width=2 * unit)
    pen.polygon([(middle, 4 * unit), (middle + 3 * unit, middle), (middle - 3 * unit, middle)], fill=RUST)
    pen.polygon([(middle, 20 * unit), (middle + 3 * unit, middle), (middle - 3 * unit, middle)], fill=TEAL)
    out = io.BytesIO()
    drawn.resize((SIZE, SIZE)).save(out, "PNG")
    return out.getvalue()
