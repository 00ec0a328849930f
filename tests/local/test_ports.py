"""Finding ports: a taken one is passed over."""

import socket

import pytest

from pipelines_ui.local import ports


def test_a_taken_port_is_passed_over() -> None:
    with socket.create_server((ports.HOST, 0)) as server:
        taken = server.getsockname()[1]
        assert not ports.is_free(taken)
        assert ports.first_free_port(taken) != taken


def test_a_free_port_is_kept() -> None:
    wanted = ports.free_port()
    assert ports.first_free_port(wanted) == wanted


def test_no_port_beyond_the_last_one_is_tried() -> None:
    with socket.create_server((ports.HOST, 65535)), pytest.raises(OSError, match="no free port"):
        ports.first_free_port(65535)
