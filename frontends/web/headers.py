"""What every answer tells the browser not to do."""

from typing import Final

from frontends.web.sites import Sites

Header = tuple[str, str]

PDF: Final = "application/pdf"

_FEATURES: Final = (
    *("accelerometer", "autoplay", "camera", "display-capture", "geolocation"),
    *("gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer", "microphone", "midi"),
    *("payment", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking"),
)
"""None of these is needed. Security keys, the clipboard and full screen are, by the page alone."""

_OWN: Final = ("clipboard-read", "clipboard-write", "fullscreen", "publickey-credentials-get")

PERMISSIONS: Final = ", ".join(
    [*(f"{each}=()" for each in _FEATURES), *(f"{each}=(self)" for each in _OWN)]
)

_ALWAYS: Final[tuple[Header, ...]] = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Permissions-Policy", PERMISSIONS),
    ("Cross-Origin-Embedder-Policy", "require-corp"),
    ("X-DNS-Prefetch-Control", "off"),
    ("Origin-Agent-Cluster", "?1"),
)

_NO_FRAMES: Final[tuple[Header, ...]] = (
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
)

CALLS: Final[tuple[Header, ...]] = (
    *_ALWAYS,
    *_NO_FRAMES,
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox"),
)
"""Of answers of the API: data for scripts, never a document."""


def of_page(sites: Sites) -> tuple[Header, ...]:
    """Of the page and its parts: scripts and styles of its own files only, no request elsewhere.

    Strings never become markup or code (Trusted Types); pictures, media and frames may be of the
    site of content, which is not this one.
    """
    rules = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        f"img-src 'self' blob: data: {sites.content}",
        f"media-src blob: {sites.content}",
        f"frame-src {sites.content}",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
    return (*_ALWAYS, *_NO_FRAMES, ("Content-Security-Policy", "; ".join(rules)))


def of_content(sites: Sites, kind: str) -> tuple[Header, ...]:
    """Of what people keep: a document of no origin, without scripts, forms, frames or network.

    PDF is the one kind that browsers show by a program of their own, and not at all in a sandbox.
    Nor can it be taken for another kind, and from its site nothing can be asked: the rest holds.
    """
    rules = (
        *(() if kind == PDF else ("sandbox",)),
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "font-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        f"frame-ancestors {sites.page}",
    )
    return (
        *_ALWAYS,
        ("Content-Security-Policy", "; ".join(rules)),
        ("Cross-Origin-Resource-Policy", "cross-origin"),
        ("Cache-Control", "no-store"),
    )
