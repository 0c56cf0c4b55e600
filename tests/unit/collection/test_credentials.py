"""Write keys in headers, and whose word counts about a caller's address."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.collection.credentials import Senders, basic_key, bearer_token
from headwater.config.workspace import Settings, Source, Workspace


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def senders(*proxies: str) -> Senders:
    settings = Settings(trusted_proxies=proxies)
    return Senders(Workspace(workspace="shop", settings=settings, sources=(Source("web", write_key="WK"),)))


@pytest.mark.parametrize(
    "header",
    [
        "Basic " + encoded("WK:"),
        "Basic " + encoded("WK"),  # without the colon: old clients
        "Basic " + encoded("WK:").rstrip("="),
        "Basic " + encoded("WK:a password:with colons"),
        "basic " + encoded("WK:"),
        "BASIC   " + encoded("WK:") + " ",
    ],
)
def test_basic_key_when_written_in_any_usual_way_then_the_user_name(header: str) -> None:
    assert basic_key(header) == "WK"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic ",
        "Bearer " + encoded("WK:"),
        "WK",
        "Basic :",
        "Basic a",
        "Basic /w==",
        "Basic é",
        "Basic 🙈",
    ],
)
def test_basic_key_when_it_is_garbage_then_empty(header: str) -> None:
    assert basic_key(header) == ""


@given(
    st.text(st.characters(exclude_characters=":", exclude_categories=["Cs"]), max_size=40), st.text(max_size=10)
)
def test_basic_key_when_any_user_name_was_encoded_then_it_comes_back(name: str, password: str) -> None:
    assert basic_key("Basic " + encoded(f"{name}:{password}")) == name


@given(st.text())
def test_authorization_when_given_any_text_then_no_exception(text: str) -> None:
    for header in (text, "Basic " + text, "Bearer " + text):
        assert isinstance(basic_key(header), str)
        assert isinstance(bearer_token(header), str)


@pytest.mark.parametrize(
    ("header", "token"),
    [("Bearer abc", "abc"), ("bearer  abc ", "abc"), ("Bearer", ""), ("Basic abc", ""), ("", "")],
)
def test_bearer_token_when_written_in_any_usual_way_then_the_token(header: str, token: str) -> None:
    assert bearer_token(header) == token


def test_senders_when_made_then_sources_are_found_by_key() -> None:
    assert senders().by_key["WK"].name == "web"
    assert not senders().believes_proxies
    assert senders("10.0.0.0/8").believes_proxies


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "ip"),
    [
        ("198.51.100.4:5000", None, "198.51.100.4"),
        ("198.51.100.4:5000", "203.0.113.7", "198.51.100.4"),  # anybody can send the header
        ("[2001:db8::1]:5000", None, "2001:db8::1"),
        ("[::ffff:198.51.100.4]:5000", None, "198.51.100.4"),
        ("10.0.0.1:5000", None, "10.0.0.1"),
        ("10.0.0.1:5000", "", "10.0.0.1"),
        ("10.0.0.1:5000", "203.0.113.7", "203.0.113.7"),
        ("[::1]:5000", "203.0.113.7", "203.0.113.7"),
        ("[::ffff:10.0.0.1]:5000", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.1:5000", "203.0.113.7, 10.0.0.2", "203.0.113.7"),
        ("10.0.0.1:5000", "6.6.6.6, 203.0.113.7", "203.0.113.7"),  # what the client itself wrote stands first
        ("10.0.0.1:5000", "6.6.6.6, 203.0.113.7,10.0.0.3 , 10.0.0.2", "203.0.113.7"),
        ("10.0.0.1:5000", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1:5000", "203.0.113.7:1234", "203.0.113.7"),  # Azure writes the port
        ("10.0.0.1:5000", "[2001:db8::7]:1234", "2001:db8::7"),
        ("10.0.0.1:5000", "2001:db8::7", "2001:db8::7"),
        ("10.0.0.1:5000", "unknown", ""),
        ("10.0.0.1:5000", "203.0.113.7, _hidden", ""),
        ("10.0.0.1:5000", "<script>, 203.0.113.7", "203.0.113.7"),
        ("10.0.0.1:5000", ", ,", ""),
    ],
)
def test_caller_ip_when_some_proxies_are_trusted_then_the_first_that_is_not_one(
    peer: str, forwarded_for: str | None, ip: str
) -> None:
    assert senders("10.0.0.0/8", "::1/128").caller_ip(peer, forwarded_for) == ip


@given(st.text(), st.text())
def test_caller_ip_when_headers_are_anything_then_no_exception(peer: str, forwarded_for: str) -> None:
    assert isinstance(senders("0.0.0.0/0", "::/0").caller_ip(peer, forwarded_for), str)
