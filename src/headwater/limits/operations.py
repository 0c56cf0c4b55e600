"""Processes, and what a program hands to them."""

from typing import Final

from headwater.limits.collection import BATCH_BYTES_MAX
from headwater.units import MIB

DRAIN_S_MAX: Final = 20
"""SIGTERM to exit; supervisors of containers kill after 30."""

RESTART_DELAY_S_MAX: Final = 15.0
"""The longest pause before a crashed role is started again."""

CONTROL_BODY_BYTES_MAX: Final = 4 * MIB
"""A workspace file sent to the private API."""

TOOL_LINE_BYTES_MAX: Final = BATCH_BYTES_MAX
"""One line that a tool reads from standard input. An event with all that a batch may add to it is smaller."""
