"""Whom this machine trusts, for clients whose own TLS library looks where their builder kept such files."""

import ssl


def authorities_file() -> str | None:
    """The file that Python's own TLS uses: `SSL_CERT_FILE`, else the system's; None if there is none."""
    return ssl.get_default_verify_paths().cafile
