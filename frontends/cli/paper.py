"""The pages that a kit, or a share of one, is printed on: a file each, for its owner alone."""

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
    listed = "".join(f"<li><code>{escape(node)}</code></li>" for node in nodes)
    body = (
        "<p>Whoever has these words can become you. Keep this page where you keep your passport, "
        "and no copy of it on a machine.</p>"
        f"{_numbered(words)}"
        "<p>To come back: install Holdfast anywhere, run <code>holdfast up</code>, then "
        "<code>holdfast recovery restore</code>. The code below holds the words and where "
        "your data is; read it with any camera.</p>"
        f"{code}<p><code>{escape(whole)}</code></p>"
        f"<p>When this was made, your data was at:</p><ul>{listed}</ul>"
    )
    _write(path, f"Recovery kit of {handle}", body)


def write_share(path: Path, handle: str, words: str, text: str, needed: int) -> None:
    """The same for a share, which somebody keeps for its owner."""
    body = (
        f"<p>You keep this for {escape(handle)}. Alone it opens nothing; with {needed - 1} more "
        "of these, kept by others, it brings them back after they lost everything. Give it to "
        "them alone, when you have seen or heard that it is them, and tell nobody that you have "
        f"it.</p>{_numbered(words)}<p>And where to look, which is no secret:</p>"
        f"<p><code>{escape(text)}</code></p>"
        "<p>They run <code>holdfast recovery restore --shares</code>.</p>"
    )
    _write(path, f"A share of the recovery kit of {handle}", body)


def _numbered(words: str) -> str:
    return f"<ol>{''.join(f'<li>{escape(word)}</li>' for word in words.split())}</ol>"


def _write(path: Path, title: str, body: str) -> None:
    import os

    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style><h1>{escape(title)}</h1>{body}</html>\n"
    )
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
