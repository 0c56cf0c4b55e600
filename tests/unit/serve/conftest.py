"""The small world of people lives beside aggregation's own tests."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "aggregation"))
