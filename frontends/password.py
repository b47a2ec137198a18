"""What a new password must be, in the same words at every front end."""

from typing import Final

from formats.errors import Usage

MIN_PASSWORD: Final = 8
"""Characters. The stretching (Argon2id) makes each guess dear; the rest is up to the person."""

MAX_PASSWORD: Final = 1024

ADVICE: Final = "four words chosen by dice are easy to remember and hard to guess"


def check_new_password(name: str, password: str) -> None:
    """Return if this may become the password of account ``name``; raises Usage."""
    if len(password) < MIN_PASSWORD:
        raise Usage(f"that is too short: {MIN_PASSWORD} characters are the least", hint=ADVICE)
    if len(password) > MAX_PASSWORD:
        raise Usage(f"that is too long: {MAX_PASSWORD} characters are the most", hint=ADVICE)
    if password.casefold() == name.casefold() or len(set(password)) < 3:
        raise Usage("anybody would guess that", hint=ADVICE)
