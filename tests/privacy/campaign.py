"""Every claim of the table of threats over many worlds: ``make privacy``.

    python -m tests.privacy.campaign [--worlds 400] [words of a claim ...]

Prints how often each party was right, and ends with 1 if a claim does not hold.
"""

import argparse
import sys
from typing import Final

from tests.conftest import SEED
from tests.privacy.all_claims import CLAIMS

WORLDS: Final = 400


def main() -> int:
    """Play and judge; the number of claims that do not hold, at most 1, is the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.privacy.campaign")
    parser.add_argument("--worlds", type=int, default=WORLDS, help="worlds for each claim")
    parser.add_argument("words", nargs="*", help="only claims with one of these words")
    options = parser.parse_args()
    print(f"HOLDFAST_SEED={SEED}, {options.worlds} worlds a claim, half of them judged", flush=True)
    failures: list[str] = []
    for claim in CLAIMS:
        if options.words and not any(word in claim.what for word in options.words):
            continue
        verdicts = claim.verdicts(options.worlds)
        failures += claim.failures(verdicts)
        for party, verdict in verdicts.items():
            tells = "cannot tell" if party in claim.hidden else "can tell"
            print(f"{party:<8} {tells:<12} {claim.what}: {verdict}", flush=True)
    for failure in failures:
        print(f"DOES NOT HOLD: {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
