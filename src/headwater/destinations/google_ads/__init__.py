"""Google Ads: offline conversions, enhanced conversions, and customer match."""

from headwater.destinations.google_ads.account import (
    BATCH_BYTES_MAX,
    GoogleAdsSettings,
    access_request,
    ads_request,
    outcome_of,
    problems,
)
from headwater.destinations.google_ads.conversions import (
    click_conversion,
    enhancement,
    lacks_click,
    lacks_order,
    upload,
)
from headwater.destinations.google_ads.customer_match import set_member
from headwater.destinations.kit import common_fields
from headwater.destinations.kit.authorization import bearer
from headwater.destinations.kit.common_fields import (
    AUDIENCE,
    CITY,
    COUNTRY,
    CURRENCY,
    EMAIL,
    ENTERED,
    EXITED,
    FIRST_NAME,
    LAST_NAME,
    MEMBER,
    PHONE,
    POSTAL_CODE,
    STATE,
    TIMESTAMP,
    first,
    like,
    path,
    track,
)
from headwater.destinations.kit.exchange import ask, get_request
from headwater.destinations.kit.model import (
    Access,
    Action,
    Attempt,
    Batch,
    DestinationType,
    Exchange,
    Preset,
)
from headwater.destinations.kit.oauth import read_token
from headwater.mapping.fields import Field

CONVERSIONS_MAX = 2_000
"""Of a request to the Google Ads API."""
MEMBERS_MAX = 10_000
"""Of a request to the Data Manager API."""


def test(settings: GoogleAdsSettings, attempt: Attempt) -> Exchange:
    """Asks which accounts the token reaches; with a developer token, also for ours."""
    if not settings.developer_token:
        # There is nothing in the Data Manager API to ask for that changes nothing.
        answer = yield from ask(get_request("https://oauth2.googleapis.com/tokeninfo", bearer(attempt.token)))
        return [outcome_of(answer)]
    query = {"query": "SELECT customer.id FROM customer LIMIT 1"}
    answer = yield from ask(ads_request(settings, "/googleAds:search", query, attempt.token))
    return [outcome_of(answer)]


# --- fields -----------------------------------------------------------------------------------------------


def _click_id(name: str, label: str) -> Field:
    places = (f"$.properties.{name}", f"$.context.{name}", f"$.context.campaign.{name}")
    return Field(name=name, label=label, type="string", default=first(*places))


CONVERSION_ACTION = Field(
    name="conversion_action",
    label="Conversion action",
    type="string",
    description="Its id. Left out: the destination's own.",
)
ORDER_ID = like(common_fields.ORDER_ID, description="What Google knows repeats by.")
_PERSON = (
    EMAIL,
    PHONE,
    FIRST_NAME,
    LAST_NAME,
    CITY,
    STATE,
    like(POSTAL_CODE, name="postal_code"),
    COUNTRY,
)


def _consent(name: str, label: str) -> Field:
    return Field(name=name, label=label, type="string", choices=("GRANTED", "DENIED"))


TYPE = DestinationType(
    name="google-ads",
    label="Google Ads",
    category="advertising",
    description="Send orders as offline or enhanced conversions. Audiences become customer match lists.",
    settings=GoogleAdsSettings,
    problems=problems,
    access=Access(request=access_request, read=read_token),
    actions=(
        Action(
            name="upload_click_conversion",
            label="Upload a conversion",
            description="Of an ad click, or of somebody whose address or number Google knows.",
            perform=upload("uploadClickConversions", "conversions", click_conversion, lacks_click),
            fields=(
                CONVERSION_ACTION,
                like(TIMESTAMP, required=True),
                _click_id("gclid", "Click id"),
                _click_id("gbraid", "Click id of an app"),
                _click_id("wbraid", "Click id from an app to the web"),
                Field(
                    name="value",
                    label="Value",
                    type="number",
                    default=first("$.properties.revenue", "$.properties.total", "$.properties.value"),
                ),
                CURRENCY,
                ORDER_ID,
                EMAIL,
                PHONE,
                _consent("ad_user_data", "Consent to sending data"),
                _consent("ad_personalization", "Consent to personal ads"),
            ),
            batch=Batch(items_max=CONVERSIONS_MAX, bytes_max=BATCH_BYTES_MAX, wait_s=5.0),
        ),
        Action(
            name="upload_enhanced_conversion",
            label="Enhance a conversion",
            description="Says who it was, of a conversion that the tag on the page has reported.",
            perform=upload("uploadConversionAdjustments", "conversionAdjustments", enhancement, lacks_order),
            fields=(
                CONVERSION_ACTION,
                ORDER_ID,
                *_PERSON,
                Field(name="user_agent", label="User agent", type="string", default=path("$.context.userAgent")),
            ),
            batch=Batch(items_max=CONVERSIONS_MAX, bytes_max=BATCH_BYTES_MAX, wait_s=5.0),
        ),
        Action(
            name="set_member",
            label="Set an audience",
            description="Adds people to a customer list, or removes them.",
            perform=set_member,
            fields=(AUDIENCE, MEMBER, EMAIL, PHONE),
            batch=Batch(
                items_max=MEMBERS_MAX,
                bytes_max=BATCH_BYTES_MAX,
                wait_s=10.0,
                key=lambda payload: (payload.get("audience"), payload.get("member")),
            ),
        ),
    ),
    presets=(
        Preset(name="Orders", action="upload_click_conversion", trigger=track("Order Completed")),
        Preset(name="Audience entered", action="set_member", trigger=ENTERED, mapping={"member": True}),
        Preset(name="Audience left", action="set_member", trigger=EXITED, mapping={"member": False}),
    ),
    test=test,
)
