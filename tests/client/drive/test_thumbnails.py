"""Drawing for real: what comes out, and that nothing that goes in does harm."""

import io
import os
import struct
import sys
import zlib
from pathlib import Path

import pytest
import trio
from PIL import Image

from client.drive.thumbnails.drawing import MAX_BYTES, SIDE
from client.drive.thumbnails.maker import MAX_THUMBNAIL, Maker, installed
from client.drive.types import guess


def image(kind: str, size: tuple[int, int] = (1200, 600), **options: object) -> bytes:
    """Left half red, right half blue."""
    made = Image.new("RGB", size, "red")
    made.paste("blue", (size[0] // 2, 0, size[0], size[1]))
    out = io.BytesIO()
    made.save(out, kind, **options)
    return out.getvalue()


def drawn(picture: bytes | None) -> Image.Image:
    assert picture is not None
    assert len(picture) <= MAX_BYTES <= MAX_THUMBNAIL
    opened = Image.open(io.BytesIO(picture))
    assert opened.format == "WEBP"
    return opened


def is_red(shown: Image.Image, at: tuple[int, int]) -> bool:
    pixel = shown.convert("RGB").getpixel(at)
    assert isinstance(pixel, tuple)
    return pixel[0] > 200 and pixel[2] < 60


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
async def test_a_small_picture_of_the_whole(kind: str) -> None:
    content = image(kind)
    maker = Maker()
    assert maker.draws(guess("x", content), len(content))
    shown = drawn(await maker.make(content))
    assert shown.size == (SIDE, SIDE // 2)
    assert is_red(shown, (20, 100))
    assert not is_red(shown, (380, 100))


async def test_it_stands_upright_and_says_nothing_about_the_photographer() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn to the right
    exif[0x010F] = "the camera"
    shown = drawn(await Maker().make(image("JPEG", exif=exif, icc_profile=b"profile" * 40)))
    assert shown.size == (SIDE // 2, SIDE)
    assert is_red(shown, (100, 20))
    assert not shown.getexif()
    assert not {"exif", "icc_profile", "xmp"} & set(shown.info)


async def test_what_is_clear_stays_clear() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(out, "PNG")
    shown = drawn(await Maker().make(out.getvalue()))
    assert shown.size == (50, 50)
    assert shown.convert("RGBA").getpixel((5, 5)) == (0, 0, 0, 0)


async def test_of_a_gif_that_moves_the_first_frame() -> None:
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    assert is_red(drawn(await Maker().make(out.getvalue())), (5, 5))


async def test_noise_gets_small_enough() -> None:
    noise = Image.frombytes("RGB", (800, 800), os.urandom(800 * 800 * 3))
    out = io.BytesIO()
    noise.save(out, "PNG")
    picture = await Maker().make(out.getvalue())
    assert picture is None or len(picture) <= MAX_THUMBNAIL


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
async def test_pictures_of_every_kind_of_pixel(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (30, 20)).save(out, "PNG")
    assert drawn(await Maker().make(out.getvalue())).size == (30, 20)


async def test_a_picture_for_print() -> None:
    out = io.BytesIO()
    Image.new("CMYK", (30, 20)).save(out, "JPEG")
    assert drawn(await Maker().make(out.getvalue())).size == (30, 20)


def moving(kind: str) -> bytes:
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:])
    return out.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few KiB that says it is of this size, and is, as far as it goes."""

    def part(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(2**22))
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", body) + part(b"IEND", b"")


HARMFUL = {
    "nothing": b"",
    "text": b"hello",
    "an SVG": b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>",
    "cut short": image("PNG")[:300],
    "a JPEG cut short": image("JPEG")[:-2000],
    "a TIFF": image("TIFF"),
    "100 megapixels": bomb(10_000, 10_000),
    "two thousand million pixels": bomb(2**31 - 1, 1),
    "a moving PNG": moving("PNG"),
    "a moving WebP": moving("WEBP"),
}


@pytest.mark.parametrize("what", HARMFUL)
async def test_what_is_harmful_or_broken_has_none(what: str) -> None:
    assert await Maker().make(HARMFUL[what]) is None


def script(text: str) -> Maker:
    return Maker((sys.executable, "-I", "-c", text), seconds=1.0)


@pytest.mark.parametrize(
    "text",
    [
        "import os; os.abort()",
        "raise SystemExit(1)",
        "print('x' * 10_000_000)",
        "while True: print('x' * 1000)",
        "while True: pass",
        "import os, time; os.close(0); os.close(1); time.sleep(100)",
        "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(100)",
        "",
    ],
)
async def test_a_process_that_fails_floods_or_hangs_gives_none(text: str) -> None:
    assert await script(text).make(b"x" * 10_000_000) is None


async def test_a_program_that_is_not_there_gives_none() -> None:
    assert await Maker(("/nowhere/python",)).make(b"x") is None


async def test_it_is_gone_when_whoever_waits_for_it_is_cancelled(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    os.mkfifo(note)
    text = f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(100)"
    maker = Maker((sys.executable, "-I", "-c", text), seconds=60)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(maker.make, b"x")
        pid = int(await trio.to_thread.run_sync(note.read_text))
        nursery.cancel_scope.cancel()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_it_is_there_with_its_extra() -> None:
    assert installed() is not None


def test_only_pictures_of_some_size_are_tried() -> None:
    maker = Maker()
    assert not maker.draws("image/svg+xml", 100)
    assert not maker.draws(None, 100)
    assert not maker.draws("image/png", 0)
    assert maker.draws("image/png", 32 * 2**20)
    assert not maker.draws("image/png", 32 * 2**20 + 1)
