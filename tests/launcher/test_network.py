"""Tests reach this machine and nothing else (pyproject.toml, pytest-socket)."""

import socket

import pytest
from pytest_socket import SocketConnectBlockedError


@pytest.mark.parametrize("address", ["203.0.113.1", "2001:db8::1"])
def test_other_machines_are_out_of_reach(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as outside, pytest.raises(SocketConnectBlockedError):
        outside.connect((address, 80))


def test_this_machine_can_be_reached() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        with socket.create_connection(("localhost", listening.getsockname()[1]), timeout=5):
            pass
