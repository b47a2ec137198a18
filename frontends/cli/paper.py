"""The page that a recovery kit is printed on: one file, for its owner alone, words and QR code."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from formats.errors import Exists, StorageFailed

_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:42em;margin:2em auto;color:#000;background:#fff}"
    "ol{columns:3;font:600 18px/1.9 monospace}code{word-break:break-all;font-size:11px}"
    "svg{width:9cm;height:9cm;display:block;margin:1em 0}"
)


def write_page(path: Path, handle: str, words: str, whole: str, nodes: Sequence[str]) -> None:
    """Write the page to a new file with mode 0600; raises Exists, StorageFailed."""
    import segno

    code = segno.make(whole, error="m", micro=False).svg_inline(border=2, omitsize=True)
    numbered = "".join(f"<li>{escape(word)}</li>" for word in words.split())
    listed = "".join(f"<li><code>{escape(node)}</code></li>" for node in nodes)
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Recovery kit</title>'
        f"<style>{_STYLE}</style><h1>Recovery kit of {escape(handle)}</h1>"
        "<p>Whoever has these words can become you. Keep this page where you keep your passport, "
        "and no copy of it on a machine.</p>"
        f"<ol>{numbered}</ol>"
        "<p>To come back: install Holdfast anywhere, run <code>holdfast up</code>, then "
        "<code>holdfast recovery restore</code>. The code below holds the words and where "
        "your data is; read it with any camera.</p>"
        f"{code}<p><code>{escape(whole)}</code></p>"
        f"<p>When this was made, your data was at:</p><ul>{listed}</ul></html>\n"
    )
    _write(path, page)


def _write(path: Path, page: str) -> None:
    import os

    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(page)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise Exists(f"{path}: there is a file already", hint="name a new one") from None
    except OSError as error:
        raise StorageFailed(f"{path}: {error.strerror}") from None
