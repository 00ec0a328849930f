"""Free and taken ports on the loopback address."""

import socket

HOST = "127.0.0.1"


def free_port() -> int:
    """A port nobody listens on now; whoever asked should bind it soon."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do, so that a port in TIME_WAIT after a restart counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def first_free_port(wanted: int) -> int:
    for port in range(wanted, min(wanted + 50, 65536)):
        if is_free(port):
            return port
    raise OSError(f"no free port between {wanted} and {wanted + 49}")


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((HOST, port)) == 0
