"""Addresses that destinations may not have."""

import errno
import socket

import pytest

from headwater.delivery.guard import AddressRefusedError, public_socket, refused_kind


@pytest.mark.parametrize(
    ("kind", "addresses"),
    [
        ("loopback", ["127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1"]),
        (
            "private",
            [
                "10.0.0.1",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "::ffff:192.168.1.1",
                "fd12::1",
                "fc00::1",
            ],
        ),
        ("private", ["100.64.0.1", "100.127.255.255", "192.0.2.1", "198.18.0.1", "203.0.113.9", "2001:db8::1"]),
        ("link-local", ["169.254.0.1", "fe80::1", "fe80::1%eth0", "::ffff:169.254.1.1"]),
        ("cloud metadata", ["169.254.169.254", "::ffff:169.254.169.254", "fd00:ec2::254", "100.100.100.200"]),
        ("multicast", ["224.0.0.1", "239.255.255.255", "ff02::1"]),
        ("unspecified", ["0.0.0.0", "::", "::ffff:0.0.0.0"]),
        ("reserved", ["240.0.0.1", "255.255.255.255"]),
        ("private", ["0.1.2.3", "192.0.0.9", "fec0::1", "3fff::1"]),
        ("cloud metadata", ["168.63.129.16", "::ffff:168.63.129.16", "192.0.0.192"]),
        ("loopback", ["64:ff9b::7f00:1", "2002:7f00:1::"]),
        ("private", ["64:ff9b::a00:1", "2002:a00:1::1"]),
        (None, ["1.1.1.1", "8.8.8.8", "172.15.0.1", "172.32.0.1", "100.63.255.255", "100.128.0.1", "11.0.0.1"]),
        (None, ["2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]),
    ],
)
def test_refused_when_address_then_kind(kind: str | None, addresses: list[str]) -> None:
    assert {address: refused_kind(address) for address in addresses} == dict.fromkeys(addresses, kind)


def test_socket_when_the_address_is_public_then_made_and_otherwise_refused() -> None:
    (public, *_) = socket.getaddrinfo("1.1.1.1", 443, type=socket.SOCK_STREAM)
    with public_socket(public) as made:
        assert made.family == socket.AF_INET
    (private, *_) = socket.getaddrinfo("10.0.0.1", 443, type=socket.SOCK_STREAM)
    with pytest.raises(AddressRefusedError) as refused:
        public_socket(private)
    assert refused.value.kind == "private"
    assert refused.value.errno == errno.EACCES


def test_refusals_when_of_different_kinds_then_equal_as_text() -> None:
    # aiohappyeyeballs merges the errors of several addresses into a nameless one unless they read the same.
    assert str(AddressRefusedError("loopback")) == str(AddressRefusedError("private"))
