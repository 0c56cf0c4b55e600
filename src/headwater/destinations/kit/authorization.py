"""`Authorization` headers."""

import base64


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def basic(user: str, password: str = "") -> dict[str, str]:
    """The user may be a key on its own.

    >>> basic("key")
    {'Authorization': 'Basic a2V5Og=='}
    """
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}
