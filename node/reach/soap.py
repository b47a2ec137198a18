"""Calling an action of a UPnP service: SOAP, as little of it as that takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from formats.errors import Malformed, ProtocolViolation
from node.reach.elements import elements
from node.reach.router_http import Page, asked

_ENVELOPE: Final = (
    '<?xml version="1.0"?>\r\n'
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"'
    ' s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>'
    '<u:{action} xmlns:u="{kind}">{arguments}</u:{action}></s:Body></s:Envelope>\r\n'
)


@dataclass(frozen=True, slots=True)
class Service:
    """A service of a known kind, and where to ask it."""

    kind: str
    page: Page


@dataclass(frozen=True, slots=True)
class Said:
    """An answer: the number of an error, or 0 and the values."""

    error: int
    values: Mapping[str, str]


async def call(service: Service, action: str, arguments: Sequence[tuple[str, str]] = ()) -> Said:
    """What the service says to an action. Raises OSError, ProtocolViolation, Malformed.

    Arguments are put as they are: numbers, addresses and words of our own.
    """
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in arguments)
    body = _ENVELOPE.format(action=action, kind=service.kind, arguments=inner)
    headers = [
        ("Content-Type", 'text/xml; charset="utf-8"'),
        ("SOAPAction", f'"{service.kind}#{action}"'),
    ]
    answer = await asked(service.page, body.encode(), headers)
    if answer.status not in (200, 500):
        raise ProtocolViolation(f"the router answers {answer.status}")
    values = dict(elements(answer.body))
    if answer.status == 200 and f"{action}Response" in values:
        return Said(0, values)
    return Said(_error(values), {})


def _error(values: Mapping[str, str]) -> int:
    number = values.get("errorCode", "")
    if not (number.isascii() and number.isdigit() and 0 < len(number) < 6 and int(number)):
        raise Malformed("a router's error without its number")
    return int(number)
