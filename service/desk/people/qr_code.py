"""A text as a QR code: inline SVG, drawn with attributes alone, because the content policy allows no inline styles."""

from __future__ import annotations

import segno
from markupsafe import Markup

QUIET_ZONE = 4  # modules of white around the code, as ISO/IEC 18004 requires


def drawn(text: str) -> Markup:
    """Black on white in light and dark: many readers cannot see it the other way round."""
    code = segno.make_qr(text, error="m")
    svg = code.svg_inline(border=QUIET_ZONE, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None)
    return Markup(svg)
