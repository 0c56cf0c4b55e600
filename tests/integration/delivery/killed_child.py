"""Delivery in a process of its own, for a test to kill: `python killed_child.py FOLDER`."""

import asyncio
import sys
from pathlib import Path

from delivering import delivery


async def main(folder: Path) -> None:
    async with delivery(folder) as system:
        await system.start()
        await asyncio.sleep(3600)


asyncio.run(main(Path(sys.argv[1])))
