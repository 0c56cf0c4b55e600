"""Which small files of an area of the lake become one. Pure."""

from collections.abc import Sequence


def mergeable(rows: Sequence[int], *, size_limits: Sequence[int], files: int) -> slice | None:
    """So many neighbours, of files with so many rows, that are below one of the size limits, the lowest limit
    first; together no more than the highest. A row is then rewritten about once per limit it grows past.

    Files of any smaller size count, so that irregular traffic cannot leave small files between larger ones.

    >>> mergeable([500, 9, 5, 7, 80], size_limits=(10, 100), files=3)
    slice(1, 4, None)
    """
    for rows_limit in size_limits:
        begin = together = 0
        for at, count in enumerate(rows):
            if count >= rows_limit:
                begin, together = at + 1, 0
                continue
            if together + count > size_limits[-1]:
                begin, together = at, 0
            together += count
            if at + 1 - begin == files:
                return slice(begin, at + 1)
    return None
