"""Finding out early that a port can't be used."""

import errno
import socket

from .errors import LauncherError


def check(host: str, port: int) -> None:
    """Raise LauncherError with one sentence unless ``port`` can be listened on."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise LauncherError(
                    f"Port {port} is taken by another program: stop that one, "
                    f"or use another port, for example bin/start --port {port + 1 if port < 65535 else 8000}."
                ) from error
            if error.errno == errno.EACCES:
                raise LauncherError(
                    f"This account may not listen on port {port}: choose one above 1023 with --port."
                ) from error
            raise LauncherError(f"Nothing can listen on {host}:{port} ({error.strerror}).") from error
