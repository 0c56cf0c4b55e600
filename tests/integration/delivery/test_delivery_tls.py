"""Certificates: verified, and an endpoint that changes its own for one that nobody vouches for gets nothing."""

import contextlib
import datetime as dt
import ipaddress
import sqlite3
import ssl
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from delivering import delivery, events, metric
from headwater.config.destinations import DestinationRetry
from headwater.config.workspace import Destination


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """One that vouches for itself, for 127.0.0.1: its file, and that of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / f"{name}.pem", folder / f"{name}.key"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption()))
    return files


async def test_certificate_when_it_changes_to_one_that_is_not_trusted_then_events_wait_until_it_is_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, stranger = certificate(tmp_path, "trusted"), certificate(tmp_path, "stranger")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted[0]))
    monkeypatch.setattr("headwater.delivery.availability.PAUSE_S_MIN", 0.05)
    monkeypatch.setattr("headwater.delivery.availability.PAUSE_S_MAX", 0.1)
    got: list[bytes] = []

    async def take(request: web.BaseRequest) -> web.StreamResponse:
        got.append(await request.read())
        return web.Response(headers={"Connection": "close"})

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*trusted)
    runner = web.ServerRunner(web.Server(take, access_log=None), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    url = f"https://127.0.0.1:{runner.addresses[0][1]}/"
    try:
        async with delivery(tmp_path) as system:
            quick = DestinationRetry(base_s=0.05, delay_max_s=0.2)
            system.apply(Destination(name="changed", type="webhook", settings={"url": url}, retry=quick))
            await system.start()
            system.append(events(5))
            await system.until(lambda: len(got) == 5)
            context.load_cert_chain(*stranger)  # for connections from now on
            system.append(events(5))
            await system.until(lambda: metric("retries_pending", destination="changed") > 0)
            with contextlib.closing(sqlite3.connect(tmp_path / "delivery.db")) as books:
                found = set(books.execute("SELECT reason, message FROM jobs"))
            assert found == {("TLS", "certificate: self-signed certificate")}
            assert len(got) == 5
            context.load_cert_chain(*trusted)
            await system.until(lambda: len(got) == 10)
    finally:
        await runner.cleanup()
