"""The company's logo: drawn anew on a ground of its own, so that it can be read on any page, in the dark, in e-mails and on paper."""

from __future__ import annotations

import io
from typing import Any

import sqlalchemy as sa
from PIL import Image, ImageStat
from sqlalchemy.orm import Session

from app.accounts.models import TenantDoor
from app.core import storage
from app.core.access import Can
from app.core.db import fetch
from app.core.errors import Invalid, NotFound, Unavailable
from app.core.events import Actor, record
from app.people.models import Company

MOST_PIXELS = 4_000
SIZE = (480, 120)  # of the kept picture; pages show it 36 pixels high, paper 10 mm
MOST_BYTES = 20_000  # a first page load stays below 60 kB
LIGHT, DARK = (255, 255, 255), (22, 33, 31)


def set_logo(session: Session, actor: Actor, data: bytes, name: str) -> Company:
    """Keep the company's logo, drawn anew as PNG: nothing of the uploaded file but its pixels survives.

    Records `people.company.changed`; the sign-in page shows it too.

    Raises:
        Forbidden: the actor may not edit the company.
        Invalid: not a PNG or JPEG image of reasonable size, or nothing is on it.
    """
    actor.require(Can.COMPANY_EDIT)
    try:
        storage.check_upload(data, name, {"png", "jpg"})
        pixels = redrawn(data)
    except Invalid as problem:
        raise Invalid({"logo": str(problem)}) from None
    row = fetch(session, Company, actor.company_id, lock=True)
    file = storage.keep(session, pixels, name="logo.png", content_type="image/png", purpose="logo")
    session.flush()
    _show(session, actor, row, file.id)
    return row


def remove_logo(session: Session, actor: Actor) -> Company:
    """The company's initial is shown again. Raises Forbidden."""
    actor.require(Can.COMPANY_EDIT)
    row = fetch(session, Company, actor.company_id, lock=True)
    if row.logo_file_id is not None:
        _show(session, actor, row, None)
    return row


def _show(session: Session, actor: Actor, row: Company, file_id: Any) -> None:
    old, row.logo_file_id = row.logo_file_id, file_id
    session.execute(sa.update(TenantDoor).where(TenantDoor.id == actor.company_id).values(logo_file_id=file_id))
    sides = [{"logo_file_id": str(value) if value else None} for value in (old, file_id)]
    record(session, actor, "people.company.changed", row, old=sides[0], new=sides[1])


def logo_bytes(session: Session, row: Company) -> bytes | None:
    """The present logo for a letter; None without one, or when documents cannot be read just now: no letter waits for a picture."""
    if row.logo_file_id is None:
        return None
    try:
        return storage.read(session, row.logo_file_id)
    except (NotFound, Unavailable):
        return None


def redrawn(data: bytes) -> bytes:
    """The image as a small new PNG without transparency.

    Raises:
        Invalid: it cannot be drawn, is larger than 4,000 pixels a side, or shows nothing.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
            if max(image.size) > MOST_PIXELS:
                raise Invalid("The image is larger than 4,000 pixels. Make it smaller and upload it again.")
            drawn = image.convert("RGBA")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise Invalid("The image cannot be read. Save it again as PNG or JPEG.") from None
    drawn.thumbnail(SIZE)
    return _packed(_grounded(drawn))


def _grounded(drawn: Image.Image) -> Image.Image:
    """The picture on white, or on near-black when that is the better contrast. A picture without gaps has its own ground."""
    alpha = drawn.getchannel("A")
    least, most = alpha.getextrema()
    if most == 0:
        raise Invalid("The image is empty: everything on it is transparent. Choose another one.")
    if least == 255:
        return drawn.convert("RGB")
    ink = _luminance(ImageStat.Stat(drawn.convert("RGB"), mask=alpha.point(lambda value: 255 * (value > 127))).mean)
    on_light, on_dark = 1.05 / (ink + 0.05), (ink + 0.05) / (_luminance(DARK) + 0.05)
    edge = max(2, drawn.height // 8)
    ground = Image.new("RGB", (drawn.width + 2 * edge, drawn.height + 2 * edge), LIGHT if on_light >= on_dark else DARK)
    ground.paste(drawn, (edge, edge), drawn)
    return ground


def _luminance(color: Any) -> float:
    """Relative luminance (WCAG 2.2), 0 to 1."""
    parts = [value / 255 for value in color[:3]]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)


def _packed(picture: Image.Image) -> bytes:
    """PNG of at most 20 kB: fewer colors first, then fewer pixels. Built from bare pixels, so that no note of the file comes along."""
    clean = Image.frombytes("RGB", picture.size, picture.tobytes())
    colors = 256
    while True:
        out = io.BytesIO()
        clean.quantize(colors).save(out, "PNG", optimize=True)
        if out.tell() <= MOST_BYTES or min(clean.size) < 8:
            return out.getvalue()
        colors, smaller = 64, (clean.width * 3 // 4, clean.height * 3 // 4)
        clean = clean.resize(smaller)
