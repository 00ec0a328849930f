"""Report: pictures and tables that show how good the chosen model is, and where it errs."""

import csv
import struct
import zlib
from collections import Counter
from html import escape
from pathlib import Path

from pipelines import StorageManager, Task

INK, PAPER, GOOD, BAD = "#1f2937", "#ffffff", "#0f766e", "#c2410c"
# The ten digits in three by five points each, a bit per point, row by row from the top.
GLYPHS = (0o75557, 0o26227, 0o71747, 0o71717, 0o55711, 0o74717, 0o74757, 0o71111, 0o75757, 0o75717)


def main() -> None:
    task = Task.current_task()
    wanted = task.connect(
        {
            "comparison": "",  # Address of the table of models and their scores
            "predictions": "",  # Address of the chosen model's guesses
            "test": "",  # Address of the rows that were guessed
            "best": "",  # The chosen model's name
            "most_mistakes": 30,  # How many misread digits to draw
        }
    )
    scores = read_table(wanted["comparison"])
    guessed = [(int(row["digit"]), int(row["guess"])) for row in read_table(wanted["predictions"])]
    images = [image_of(row) for row in read_table(wanted["test"])]
    confusion = Counter(guessed)
    wrong = [i for i, (digit, guess) in enumerate(guessed) if digit != guess]

    Path("report.svg").write_text(draw_report(scores, confusion, wanted["best"]))
    task.upload_artifact("picture", Path("report.svg"))
    drawn = wrong[: wanted["most_mistakes"]]
    Path("mistakes.png").write_bytes(draw_mistakes([(images[i], *guessed[i]) for i in drawn]))
    task.upload_artifact("mistakes", Path("mistakes.png"))
    with Path("confusion.csv").open("w", newline="") as file:
        rows = [[d, *(confusion[d, g] for g in range(10))] for d in range(10)]
        csv.writer(file).writerows([["digit", *(f"read as {g}" for g in range(10))], *rows])
    task.upload_artifact("confusion", Path("confusion.csv"))

    text = in_words(wanted["best"], guessed, confusion)
    print(text)
    task.upload_artifact("summary", text)
    task.set_output("mistakes", len(wrong))


def read_table(address: str) -> list[dict[str, str]]:
    with Path(StorageManager.get_local_copy(address)).open(newline="") as file:
        return list(csv.DictReader(file))


def image_of(row: dict[str, str]) -> list[int]:
    """All 64 pixels; those that cleaning left out were blank in every row."""
    return [int(row.get(f"p{i:02}", 0)) for i in range(64)]


def in_words(best: str, guessed: list[tuple[int, int]], confusion: Counter[tuple[int, int]]) -> str:
    right = sum(digit == guess for digit, guess in guessed)
    lines = [f"{best} read {right} of {len(guessed)} digits: {right / len(guessed):.1%}."]
    often = [pair for pair in confusion.most_common() if pair[0][0] != pair[0][1]][:3]
    lines += [f"{digit} taken for {guess}: {number}" for (digit, guess), number in often]
    return "\n".join(lines) + "\n"


def draw_report(
    scores: list[dict[str, str]], confusion: Counter[tuple[int, int]], best: str
) -> str:
    """Bars for the models, and a table of what was read as what."""
    left, bar = 170, 26
    table_top = 90 + len(scores) * (bar + 14)
    parts = [text(24, 36, "How well new digits are read", size=18)]
    for place, row in enumerate(scores):
        y = 60 + place * (bar + 14)
        share = float(row["test"])
        colour = GOOD if row["model"] == best else "#94a3b8"
        parts.append(text(left - 12, y + 18, row["model"], anchor="end"))
        parts.append(box(left, y, 400 * share, bar, colour))
        parts.append(text(left + 400 * share + 8, y + 18, f"{share:.1%}"))
    parts.append(text(24, table_top + 20, f"What {best} read (row: the digit, column: the guess)"))
    most = max(confusion.values())
    for digit in range(10):
        y = table_top + 60 + digit * 32
        parts.append(text(left - 12, y + 21, str(digit), anchor="end"))
        parts.append(text(left + digit * 44 + 21, table_top + 52, str(digit), anchor="middle"))
        for guess in range(10):
            number = confusion[digit, guess]
            colour = GOOD if digit == guess else BAD
            strength = number / most if digit == guess else min(1.0, number / 6)
            parts.append(box(left + guess * 44, y, 42, 30, colour, 0.06 + 0.94 * strength))
            ink = PAPER if strength > 0.5 else INK
            if number:
                x = left + guess * 44 + 21
                parts.append(text(x, y + 20, str(number), anchor="middle", colour=ink))
    height = table_top + 60 + 320 + 24
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 660 {height}" width="660"'
    parts = [f'{head} height="{height}">', box(0, 0, 660, height, PAPER), *parts, "</svg>"]
    return "\n".join(parts) + "\n"


def box(x: float, y: float, width: float, height: float, colour: str, opacity: float = 1) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect {place} rx="3" fill="{colour}" fill-opacity="{opacity:.2f}"/>'


def text(
    x: float, y: float, words: str, *, size: int = 13, anchor: str = "start", colour: str = INK
) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}"'
    return f'<text {place} font-family="system-ui, sans-serif">{escape(words)}</text>'


def draw_mistakes(mistakes: list[tuple[list[int], int, int]]) -> bytes:
    """A sheet of misread digits: under each, small, what it was and what it was taken for."""
    scale, columns = 9, 6
    cell_width, cell_height = 8 * scale + 16, 8 * scale + 36
    lines = max(1, -(-len(mistakes) // columns))
    width, height = columns * cell_width, lines * cell_height
    picture = [bytearray(b"\xff" * width * 3) for _ in range(height)]
    for place, (pixels, digit, guess) in enumerate(mistakes):
        left = place % columns * cell_width + 8
        top = place // columns * cell_height + 8
        for i, value in enumerate(pixels):
            shade = 245 - value * 14
            fill(picture, left + i % 8 * scale, top + i // 8 * scale, scale, (shade,) * 3)
        draw_glyph(picture, left + 14, top + 8 * scale + 5, digit, (15, 118, 110))
        draw_glyph(picture, left + 46, top + 8 * scale + 5, guess, (194, 65, 12))
    return png(picture, width, height)


def draw_glyph(
    picture: list[bytearray], left: int, top: int, digit: int, colour: tuple[int, ...]
) -> None:
    for point in range(15):
        if GLYPHS[digit] >> (14 - point) & 1:
            fill(picture, left + point % 3 * 4, top + point // 3 * 4, 4, colour)


def fill(picture: list[bytearray], left: int, top: int, size: int, colour: tuple[int, ...]) -> None:
    for y in range(top, top + size):
        picture[y][left * 3 : (left + size) * 3] = bytes(colour) * size


def png(picture: list[bytearray], width: int, height: int) -> bytes:
    """Write rows of red, green and blue as the PNG format has them."""

    def chunk(name: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + content))
        return struct.pack(">I", len(content)) + name + content + check

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = b"".join(b"\0" + bytes(row) for row in picture)
    content = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + content


main()
