"""What a browser fetches from us instead of from Segment's CDN: the script, its chunks, its settings."""

from headwater.collection.browser.assets import Asset, analytics_js, bundle, etag, is_built
from headwater.collection.browser.cdn_settings import settings

__all__ = ["Asset", "analytics_js", "bundle", "etag", "is_built", "settings"]
