"""The one name this distribution adds to site-packages.

An installed copy keeps its folders in ``_app/`` beside this file; an editable
install uses the folders of the checkout. ``main`` is the ``holdfast`` command.
"""

import sys
from pathlib import Path

_here = Path(__file__).resolve().parent
_app = _here / "_app"
_root = _app if _app.is_dir() else _here.parents[1]
if str(_root) not in sys.path:
    sys.path.insert(0, str(_root))


def main() -> None:
    """Run the command line; it ends the process with its own exit code."""
    from frontends.cli.main import main as run

    run()
