"""The pages of the enable flow: plain HTML, no script, nothing from elsewhere. What is shown is escaped here."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

import msgspec

STYLE: Final = """
:root{color-scheme:light dark;--ink:#1c2733;--soft:#5b6876;--line:#d8dee6;--ground:#f4f6f9;--card:#fff;
--deep:#0b6e8a}
@media(prefers-color-scheme:dark){:root{--ink:#e8edf2;--soft:#9fb0bf;--line:#33414e;--ground:#12191f;--card:#1a232b;
--deep:#49b6d3}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:34rem;margin:8vh auto;padding:2rem;background:var(--card);border:1px solid var(--line);
border-radius:12px}
h1{margin:0 0 .25rem;font-size:1.4rem}
p{margin:.25rem 0 1rem}
.soft{color:var(--soft);font-size:.9rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.35rem 1rem;margin:1rem 0;padding:1rem 0;
border:solid var(--line);border-width:1px 0}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
code{font:.9em ui-monospace,monospace}
label,legend{display:block;margin:1rem 0 .3rem;font-weight:600}
fieldset{border:0;padding:0;margin:1rem 0 0}
fieldset label{font-weight:400;margin:.2rem 0}
input[type=text],input[type=password]{width:100%;padding:.6rem;border:1px solid var(--line);border-radius:8px;
background:transparent;color:inherit;font:inherit}
input:focus-visible,button:focus-visible,a:focus-visible{outline:3px solid var(--deep);outline-offset:2px}
.row{display:flex;gap:1rem;align-items:center;margin-top:1.5rem}
button{padding:.65rem 1.4rem;border:0;border-radius:8px;background:var(--deep);color:var(--card);font:inherit;
font-weight:600;cursor:pointer}
a{color:var(--deep)}
.wrong{padding:.7rem 1rem;border-left:4px solid #c8372d;background:#c8372d1a;border-radius:4px}
"""

_HASH: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()


def policy(redirect_origin: str = "") -> str:
    """The Content-Security-Policy. Browsers hold a form to where its answer redirects to, too."""
    forms = " ".join(filter(None, ("'self'", redirect_origin)))
    return (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action {forms}; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


def ask_token(*, label: str, host: str, back: str, fields: Mapping[str, str], wrong: str = "") -> str:
    """The first page: who asks for what, and whether you may say yes."""
    body = (
        f"<h1>Connect {escape(label)}</h1>"
        f"<p><strong>{escape(host)}</strong> asks to have {escape(label)} connected to this platform. "
        "Nothing has happened yet.</p>"
        f"{_wrong(wrong)}"
        '<form method="post" action="/enable" autocomplete="off">'
        f"{_hidden(fields)}"
        '<label for="token">Admin token</label>'
        '<input id="token" name="token" type="password" required autofocus autocomplete="off" maxlength="256">'
        '<p class="soft">It is in the file <code>admin-token</code> of the data folder.</p>'
        f"{_buttons('Continue', back)}</form>"
    )
    return _page(f"Connect {label}", body)


def review(
    *,
    label: str,
    description: str,
    host: str,
    back: str,
    settings: Mapping[str, Any],
    sources: Sequence[str],
    chosen: Sequence[str],
    name: str,
    grant: str,
    wrong: str = "",
) -> str:
    """The second page: everything that will be stored, secrets masked, and the choice of sources."""
    rows = "".join(
        f"<dt>{escape(key)}</dt><dd><code>{escape(_text(value))}</code></dd>" for key, value in settings.items()
    )
    boxes = "".join(_box(each, is_checked=each in chosen) for each in sources)
    body = (
        f"<h1>Connect {escape(label)}</h1><p>{escape(description)}</p>"
        f"<dl><dt>asked for by</dt><dd>{escape(host)}</dd>{rows}</dl>"
        f"{_wrong(wrong)}"
        f'<form method="post" action="/enable/confirm" autocomplete="off">{_hidden({"grant": grant})}'
        f'<label for="name">Name of the destination</label>'
        f'<input id="name" name="name" type="text" required maxlength="64" value="{escape(name)}">'
        f"<fieldset><legend>Sources whose events it gets</legend>{boxes}</fieldset>"
        f"{_buttons('Connect', back)}</form>"
    )
    return _page(f"Connect {label}", body)


def refusal(message: str) -> str:
    return _page("Not connected", f"<h1>Not connected</h1>{_wrong(message)}<p>Nothing was changed.</p>")


def _box(source: str, *, is_checked: bool) -> str:
    checked = " checked" if is_checked else ""
    said = escape(source)
    return f'<label><input type="checkbox" name="source" value="{said}"{checked}> {said}</label>'


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)} · Headwater</title><style>{STYLE}</style></head>"
        f"<body><main>{body}</main></body></html>"
    )


def _buttons(say: str, back: str) -> str:
    return f'<div class="row"><button type="submit">{say}</button><a href="{escape(back)}">Cancel</a></div>'


def _hidden(fields: Mapping[str, str]) -> str:
    return "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in fields.items()
    )


def _wrong(message: str) -> str:
    return f'<p class="wrong" role="alert">{escape(message)}</p>' if message else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
