"""The small world of people lives beside aggregation's own tests, all kinds of workspaces beside config's."""

import sys
from pathlib import Path

for tests in ("aggregation", "config"):
    sys.path.append(str(Path(__file__).parents[1] / tests))
