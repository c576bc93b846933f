"""Tagged PDFs (PDF/UA-1) through WeasyPrint. "Tagged", not "certified": veraPDF has not judged them.

Nothing is fetched: pictures come as `data:` URLs. Style sheet and font configuration are read once per process, which is a third
faster and does not grow (docs/dependencies.md); a worker does so before it forks (`warm`).
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from app.core.errors import Unavailable

STYLE = Path(__file__).resolve().parents[2] / "static" / "pdf" / "document.css"
SAMPLE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sample</title></head><body><main><h1>Sample 0123456789</h1>'
    "<h2>Every letter</h2><p>The quick brown fox jumps over a lazy dog. ÁÉÍÓÚÑ áéíóúüñ ¿¡ “” — · • $%&()+/:;@</p>"
    '<table><caption>Sample</caption><thead><tr><th scope="col">Plan</th></tr></thead><tbody><tr><td class="number">$1.50</td></tr>'
    "</tbody></table><p><strong>Bold</strong> <em>slanted</em></p></main></body></html>"
)


def render(html: str, *, title: str, language: str) -> bytes:
    """A PDF of an HTML document.

    Args:
        html: a complete document; its `lang` and `title` are set by the template.
        title: written into the PDF's metadata.

    Raises:
        Unavailable: WeasyPrint's system libraries (Pango) are missing; `corridor doctor` says the line that installs them.
    """
    try:
        import weasyprint
    except OSError as missing:
        raise Unavailable("pdf-engine-missing") from missing
    style, fonts = _style()
    document = weasyprint.HTML(string=html, url_fetcher=_fetcher(), base_url="data:").render(
        stylesheets=[style], font_config=fonts
    )
    document.metadata.title = title
    document.metadata.lang = language
    written: bytes = document.write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True)
    return written


def warm() -> None:
    """Print one page, so that this process and those forked from it have read styles and fonts already: half the time of a notice.

    Raises:
        Unavailable: see `render`.
    """
    threads = _threads()
    render(SAMPLE, title="Sample", language="en")
    if threads is None or _threads() != threads:
        # Some versions of Pango look fonts up in a thread of their own. A forked process has no such thread and would wait for it.
        _style.cache_clear()


def _threads() -> int | None:
    """Threads of this process, those of C libraries included; None where the system does not say."""
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else None


@lru_cache(maxsize=1)
def _style() -> tuple[Any, Any]:
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    return weasyprint.CSS(string=STYLE.read_text(), font_config=fonts, url_fetcher=_fetcher()), fonts


@lru_cache(maxsize=1)
def _fetcher() -> Any:
    from weasyprint.urls import URLFetcher

    return URLFetcher(allowed_protocols={"data"}, allow_redirects=False)
