"""The table of errors for people, made from the closed list.

``python -m tests.architecture.error_table`` writes it into ``docs/spec/errors.md``
between the two comments; a test says when that is due.
"""

from pathlib import Path
from typing import Final

from formats.errors import HoldfastError
from tests.architecture.tree import ROOT

PAGE: Final = ROOT / "docs" / "spec" / "errors.md"
BEGIN: Final = "<!-- table: begin -->\n"
END: Final = "<!-- table: end -->\n"


def kinds() -> list[type[HoldfastError]]:
    """Every kind, by exit code."""
    return sorted(HoldfastError.__subclasses__(), key=lambda kind: kind.exit_code)


def table() -> str:
    """One row for each kind, in Markdown."""
    rows = [
        "| exit | kind | on the wire | HTTP | what happened | what to do |",
        "|---|---|---|---|---|---|",
    ]
    for kind in kinds():
        meaning = (kind.__doc__ or "").split("\n\n")[0].replace("``", "`").split(". ")[0]
        rows.append(
            f"| {kind.exit_code} | `{kind.__name__}` | {kind.number} | {kind.http_status} |"
            f" {meaning.removesuffix('.')} | {kind.hint} |"
        )
    return "\n".join(rows).replace("\n    ", " ") + "\n"


def page_with_table(page: str) -> str:
    """``page`` with the table of today between its comments."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


def main(page: Path = PAGE) -> None:
    """Bring the page up to date."""
    page.write_text(page_with_table(page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
