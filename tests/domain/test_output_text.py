"""Bytes become text piece by piece, and no output is too long for us."""

from __future__ import annotations

import pytest

from orchestrator.domain.output_text import StreamText, Transcript


def fed(*chunks: bytes, cap: int = 1000) -> str:
    text = StreamText(cap)
    return "".join([*(text.feed(chunk) for chunk in chunks), text.feed(b"", last=True)])


@pytest.mark.parametrize(
    ("chunks", "text"),
    [
        ([b"plain\n"], "plain\n"),
        ([b"\xc3", b"\xa4\n"], "ä\n"),
        ([b"\xf0\x9f", b"\x98", b"\x80"], "😀"),
        ([b"cut \xf0\x9f"], "cut �"),
        ([b"bad \xff byte"], "bad � byte"),
        ([b"a\0b"], "a␀b"),
        ([b"\r\n", b"10%\r20%\r"], "\r\n10%\r20%\r"),
    ],
)
def test_text_is_decoded_across_chunks(chunks: list[bytes], text: str) -> None:
    assert fed(*chunks) == text


def test_every_way_to_cut_gives_the_same_text() -> None:
    data = "grün ☃ 😀\nzweite Zeile\n".encode()
    whole = fed(data)
    assert whole == data.decode()
    for cut in range(len(data)):
        assert fed(data[:cut], data[cut:]) == whole


@pytest.mark.parametrize("chunk", [1, 7, 64, 5000])
def test_a_long_line_is_cut_and_says_so(chunk: int) -> None:
    data = b"first\n" + b"x" * 150 + b"\nlast\n"
    chunks = [data[at : at + chunk] for at in range(0, len(data), chunk)]
    left_out = " … [50 bytes of this line left out]"
    assert fed(*chunks, cap=100) == f"first\n{'x' * 100}{left_out}\nlast\n"


def test_a_line_of_exactly_the_cap_is_whole() -> None:
    assert fed(b"x" * 100 + b"\ny", cap=100) == "x" * 100 + "\ny"


def test_a_long_line_without_an_end_is_cut_at_the_end() -> None:
    assert fed(b"x" * 101, cap=100) == "x" * 100 + " … [1 bytes of this line left out]"


def test_pieces_count_bytes_and_lines_of_the_whole_log() -> None:
    transcript = Transcript(cap=10_000_000)
    transcript.add("stdout", "ä\n")
    transcript.add("stdout", "b\n")
    transcript.add("stderr", "c")
    first = transcript.take()
    transcript.add("stdout", "d\n")
    places = [(p.n, p.stream, p.byte_from, p.line_from, p.text) for p in first + transcript.take()]
    assert places == [
        (0, "stdout", 0, 0, "ä\nb\n"),
        (1, "stderr", 5, 2, "c"),
        (2, "stdout", 6, 2, "d\n"),
    ]


def test_of_an_endless_log_the_beginning_and_the_end_are_kept() -> None:
    transcript = Transcript(cap=100, tail=20)
    for number in range(100):
        transcript.add("stdout", f"line {number:04d}\n")
    transcript.close()
    text = "".join(piece.text for piece in transcript.take())
    assert text.startswith("line 0000\nline 0001\n")
    assert text.endswith("line 0098\nline 0099\n")
    assert "[900 bytes left out: the log is too long]" in text
    assert text.count("line") == 10


def test_a_log_just_below_the_cap_is_whole() -> None:
    transcript = Transcript(cap=100, tail=20)
    for number in range(10):
        transcript.add("stdout", f"line {number:04d}\n")
    transcript.close()
    assert "".join(p.text for p in transcript.take()).count("\n") == 10
