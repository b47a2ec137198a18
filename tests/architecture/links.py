"""The links in our documents, and which of them lead nowhere.

``python -m tests.architecture.links`` prints each broken one and ends non-zero
if there are any. Only links within the tree are looked at: files, and headings
in Markdown files. Nothing is fetched.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from tests.architecture.tree import ROOT

SKIPPED: Final = {".git", ".venv", ".uv", "build", "dist", "node_modules"}
CODE: Final = re.compile(r"^ {0,3}(```+|~~~+).*?^ {0,3}\1[ \t]*$|`[^`\n]*`", re.M | re.S)
LINK: Final = re.compile(r"(?<!\\)\[[^\]\[]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
HEADING: Final = re.compile(r"^ {0,3}#{1,6}\s+(.*?)\s*#*$", re.M)


def documents(root: Path) -> list[Path]:
    """Every Markdown file of the tree."""
    return sorted(
        file for file in root.rglob("*.md") if not SKIPPED & set(file.relative_to(root).parts)
    )


def broken_links(root: Path) -> list[str]:
    """``file: link: why`` for each link within the tree that leads nowhere."""
    return [
        f"{file.relative_to(root)}: {link}: {why}"
        for file in documents(root)
        for link in links(file.read_text("utf-8"))
        if (why := trouble(root, file, link))
    ]


def links(text: str) -> Iterator[str]:
    """The targets of all inline links, those shown as code left aside."""
    for match in LINK.finditer(CODE.sub("", text)):
        yield match[1]


def trouble(root: Path, file: Path, link: str) -> str:
    """What is wrong with a link found in ``file``; empty if nothing is."""
    if re.match(r"[a-z][a-z0-9+.-]*:", link):
        return ""
    path, _, anchor = link.partition("#")
    target = (file.parent / unquote(path)).resolve() if path else file
    if not target.is_relative_to(root):
        return "leads out of the tree"
    if not target.exists():
        return "no such file"
    if anchor and target.suffix == ".md" and anchor not in anchors(target.read_text("utf-8")):
        return "no such heading"
    return ""


def anchors(text: str) -> set[str]:
    """The names a page's headings get: lower case, hyphens, no punctuation."""
    found: set[str] = set()
    for match in HEADING.finditer(re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)):
        words = re.sub(r"[^\w\- ]", "", match[1].lower()).replace(" ", "-")
        name, again = words, 0
        while name in found:
            again += 1
            name = f"{words}-{again}"
        found.add(name)
    return found


def main() -> int:
    """Print what is broken and how much was looked at; the exit code."""
    broken = broken_links(ROOT)
    for line in broken:
        print(line, file=sys.stderr)
    print(f"{len(documents(ROOT))} documents, {len(broken)} broken links")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
