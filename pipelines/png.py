"""Writes pixels as a PNG, without any library for images."""

from __future__ import annotations

import struct
import zlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}


def png(pixels: Any) -> bytes:
    """Write rows of pixels: each a number for a grey, or a list of up to four channels.

    Whole numbers go from 0 to 255, others from 0 to 1; raises ValueError for another shape.
    """
    if not pixels or not pixels[0]:
        raise ValueError("an image has at least one pixel")
    first = pixels[0][0]
    channels = len(first) if isinstance(first, list) else 1
    if channels not in _COLOUR_TYPES:
        raise ValueError(f"a pixel has one to four channels, not {channels}")
    width = len(pixels[0])
    flat = [value for row in pixels for pixel in row for value in _channels(pixel)]
    if len(flat) != len(pixels) * width * channels:
        raise ValueError("the rows of an image are of one length")
    scale = 255 if any(isinstance(value, float) for value in flat) and max(flat) <= 1 else 1
    content = bytes(min(max(round(value * scale), 0), 255) for value in flat)
    line = width * channels
    lines = b"".join(
        b"\0" + content[start : start + line] for start in range(0, len(content), line)
    )
    header = struct.pack(">IIBBBBB", width, len(pixels), 8, _COLOUR_TYPES[channels], 0, 0, 0)
    parts = (("IHDR", header), ("IDAT", zlib.compress(lines)), ("IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name.encode(), part) for name, part in parts)


def _channels(pixel: Any) -> list[Any]:
    return pixel if isinstance(pixel, list) else [pixel]


def _chunk(name: bytes, content: bytes) -> bytes:
    sum_ = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + sum_
