"""Whether a port is free, asked before a role would fail on it, so that the answer can name the flag."""

import errno
import socket

from headwater.errors import InputError, OwnershipError


def check_port(host: str, port: int, flag: str) -> None:
    """OwnershipError when something listens there already, InputError when this process may not listen there.

    The roles themselves bind with SO_REUSEPORT, so that several collectors can share a port; without this
    question two platforms on one port would silently share its requests.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise InputError(
            "invalid_option", f"--host {host}: not an address of this machine ({error.strerror})"
        ) from None
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise OwnershipError(
                    f"port {port} on {host} is already in use: stop what listens there, "
                    f"or choose another port with {flag}"
                ) from None
            raise InputError(
                "invalid_option", f"cannot listen on {host} port {port} ({flag}): {error.strerror}", field=flag
            ) from None
