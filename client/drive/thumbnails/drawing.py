"""One thumbnail, in a process of its own: an image on standard input, WebP on standard output.

Run as a script, never imported: it knows nothing of the program that starts it. Decoders
are large C programs that read what strangers wrote, so limits stand before they are
loaded, and none can open a file, write one or start a process once they are. Whatever
is wrong with an image, this process ends with another code than 0 and says nothing.
"""

import copy
import io
import os
import resource
import sys
from typing import Final

SIDE: Final = 400
"""Pixels, at most, of each side."""
MAX_PIXELS: Final = 64_000_000
MAX_BYTES: Final = 30 * 1024
"""What comes out is not larger."""
_SECONDS: Final = 10
_MEMORY: Final = 1 << 30
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")
_QUALITIES: Final = (80, 60, 40, 20)


def limit() -> None:
    """Bound what this process can do, for good."""
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    for what in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC):
        resource.setrlimit(what, (0, 0))


def main() -> None:
    """Read, draw, write."""
    limit()
    from PIL import (
        GifImagePlugin,
        Image,
        ImageOps,
        JpegImagePlugin,
        PngImagePlugin,
        TiffImagePlugin,
        WebPImagePlugin,
    )

    # All that is needed further on; what a camera notes is laid out as a TIFF.
    _ = GifImagePlugin, JpegImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin, copy
    Image.preinit()
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))  # those that are open, and no others
    Image.MAX_IMAGE_PIXELS = None  # looked at below, by one rule for all
    content = sys.stdin.buffer.read()
    with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
        if image.width * image.height > MAX_PIXELS:
            sys.exit(2)
        if image.format != "GIF" and getattr(image, "is_animated", False):
            sys.exit(2)
        image.draft("RGB", (SIDE, SIDE))
        clear = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
        drawn = ImageOps.exif_transpose(image).convert("RGBA" if clear else "RGB")
        drawn.thumbnail((SIDE, SIDE))
    # Its pixels alone: profiles, places and comments stay behind.
    bare = Image.frombytes(drawn.mode, drawn.size, drawn.tobytes())
    for quality in _QUALITIES:
        out = io.BytesIO()
        bare.save(out, "WEBP", quality=quality)
        if out.tell() <= MAX_BYTES:
            sys.stdout.buffer.write(out.getvalue())
            sys.stdout.buffer.flush()
            os._exit(0)
    sys.exit(2)


if __name__ == "__main__":
    main()
