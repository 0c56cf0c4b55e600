"""The judge of definitions, and random ones, live beside the syntax tree's own tests."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "definitions"))
