import json

import pytest

from headwater.collection import browser
from headwater.collection.browser import assets
from headwater.config.workspace import Source, SourceType

built = pytest.mark.skipif(not browser.is_built(), reason="the browser SDK is fetched by `make setup`")


@built
def test_analytics_js_when_built_carries_the_write_key_and_no_placeholder() -> None:
    script = browser.analytics_js("wk_website").body
    assert script.count(b'window.analyticsWriteKey="wk_website"') == 1
    assert b"__WRITE_KEY__" not in script
    assert script.startswith(assets.PRELUDE)


@built
def test_analytics_js_when_built_reports_its_own_errors_to_nobody_else() -> None:
    assert b"api.segment.io" not in browser.analytics_js("wk").body


@built
@pytest.mark.parametrize("key", ['";alert(1);"', "\\", "</script>", "\n", "ключ", "\N{LINE SEPARATOR}"])
def test_analytics_js_when_the_key_is_hostile_keeps_it_inside_one_string(key: str) -> None:
    script = browser.analytics_js(key).body.decode()
    start = script.index("window.analyticsWriteKey=") + len("window.analyticsWriteKey=")
    value, _ = json.JSONDecoder().raw_decode(script, start)
    assert value == key


@built
def test_analytics_js_when_asked_twice_has_the_same_validator_per_key_only() -> None:
    assert browser.analytics_js("a").etag == browser.analytics_js("a").etag
    assert browser.analytics_js("a").etag != browser.analytics_js("b").etag


def test_analytics_js_when_many_keys_are_made_up_forgets_the_oldest() -> None:
    for number in range(2 * assets.KEYS_CACHED_MAX):
        browser.analytics_js(f"made-up-{number}")
    assert browser.analytics_js.cache_info().currsize == assets.KEYS_CACHED_MAX


def test_analytics_js_when_not_built_tells_the_developer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "_standalone", lambda: None)
    browser.analytics_js.cache_clear()
    try:
        assert b"console.error" in browser.analytics_js("wk").body
    finally:
        browser.analytics_js.cache_clear()


@built
def test_bundle_when_the_script_loads_a_chunk_has_it() -> None:
    script = browser.analytics_js("wk").body.decode()
    names = [path.name for path in assets.BUNDLES.glob("*.bundle.*.js")]
    assert len(names) >= 8
    for name in names:
        chunk = browser.bundle(name)
        assert chunk is not None
        assert name.split(".")[2] in script
        assert b"sourceMappingURL" not in chunk.body


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../assets.py", "..%2fassets.py", "/etc/passwd", "standalone.js", "LICENSE", "x\0.js"]
)
def test_bundle_when_it_is_not_a_chunk_is_none(name: str) -> None:
    assert browser.bundle(name) is None


def test_settings_send_every_sdk_to_this_host_and_nowhere_else() -> None:
    source = Source(name="website", type=SourceType.JAVASCRIPT, write_key="wk_website")
    document = json.loads(browser.settings(source, host="cdp.example.com:8443", protocol="https"))
    assert document["integrations"] == {
        "Segment.io": {
            "apiKey": "wk_website",
            "apiHost": "cdp.example.com:8443/v1",
            "protocol": "https",
            "addBundledMetadata": True,
        }
    }
    assert document["metrics"] == {"sampleRate": 0}
    assert all(isinstance(member, dict) for member in document.values())
    assert "segment.io" not in json.dumps(document).replace("Segment.io", "").lower()
