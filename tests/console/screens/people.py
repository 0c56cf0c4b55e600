"""Who the shop's visitors are. Always the same ones: a picture differs from the one before by what was changed."""

import random
from typing import Final, NamedTuple

COUNT: Final = 640

MAYA: Final = 42
"""Of all: the one whose profile is worth a look."""

FIRST: Final = (
    *("Maya", "Jonas", "Amara", "Luca", "Sofia", "Noah", "Ines", "Mateo", "Freya", "Kofi", "Elena", "Tariq"),
    *("Hanna", "Oscar", "Yuki", "Clara", "Idris", "Nora", "Felix", "Leila", "Anton", "Chloe", "Ravi", "Greta"),
    *("Emil", "Zoe", "Pablo", "Ingrid", "Samir", "Alice", "Hugo", "Mina", "Otto", "Paula", "Viktor", "Stella"),
)
LAST: Final = (
    *("Lindqvist", "Weber", "Okafor", "Moretti", "Keller", "Dubois", "Santos", "Haugen", "Novak", "Tanaka"),
    *("Brandt", "Larsen", "Rossi", "Fischer", "Mensah", "Bakker", "Silva", "Nyberg", "Lefevre", "Kowalski"),
    *("Hoffmann", "Andersen", "Costa", "Meyer", "Virtanen", "Schmidt", "Berg", "Marin"),
)
PLACES: Final = (
    *(("DE", "Berlin", "de-DE"), ("DE", "Munich", "de-DE"), ("US", "Denver", "en-US"), ("FR", "Lyon", "fr-FR")),
    *(("NO", "Bergen", "nb-NO"), ("GB", "Leeds", "en-GB"), ("SE", "Umeå", "sv-SE"), ("JP", "Nagano", "ja-JP")),
)
PLACE_WEIGHTS: Final = (9, 7, 8, 5, 4, 6, 4, 2)
PLANS: Final = ("free", "free", "free", "club", "club", "pro")

COMPANIES: Final = {
    "fjell-guides": ("Fjell Guides", "Tourism", 42),
    "peak-rentals": ("Peak Rentals", "Rental", 120),
    "trailhead-supply": ("Trailhead Supply", "Retail", 310),
    "north-face-school": ("North Ridge School", "Education", 65),
}


class Visitor(NamedTuple):
    user_id: str
    name: str
    email: str
    country: str
    city: str
    locale: str
    plan: str
    company: str
    """Group id; empty for most."""

    def device(self, kind: str) -> str:
        """The anonymous id that website or app gives them."""
        return f"{kind}-{random.Random(f'{self.user_id} {kind}').getrandbits(48):012x}"


def everybody() -> list[Visitor]:
    dice = random.Random(11)
    names = [(first, last) for last in LAST for first in FIRST]
    dice.shuffle(names)
    maya = names.index(("Maya", "Lindqvist"))
    names[MAYA], names[maya] = names[maya], names[MAYA]
    return [_visitor(dice, number, *name) for number, name in enumerate(names[:COUNT])]


def _visitor(dice: random.Random, number: int, first: str, last: str) -> Visitor:
    country, city, locale = dice.choices(PLACES, PLACE_WEIGHTS)[0]
    company = dice.choice(list(COMPANIES)) if dice.random() < 0.08 else ""
    email = f"{first}.{last}@example.com".lower()
    return Visitor(
        f"usr_{1000 + number}", f"{first} {last}", email, country, city, locale, dice.choice(PLANS), company
    )
