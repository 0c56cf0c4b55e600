"""How hard the property tests try: enough for every change by default, ten times more at night:
`HYPOTHESIS_PROFILE=nightly pytest`.
"""

import os

from hypothesis import settings

EXAMPLES = 100

settings.register_profile("default", max_examples=EXAMPLES, deadline=None, print_blob=True)
settings.register_profile("nightly", settings.get_profile("default"), max_examples=10 * EXAMPLES)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
