"""The relations that definitions ask, over the lake: DuckDB only.

The lake knows whose each event was when it came in. Who has been merged since, and which account has which group
id, it cannot know; both are small, and the caller brings them from the state.
"""

from collections.abc import Iterable
from typing import Final

import duckdb

_EVENTS: Final = """
CREATE TEMP VIEW events AS
WITH named AS (
  SELECT
    type AS call,
    CASE WHEN type = 'track' THEN event WHEN type IN ('page', 'screen') THEN name END AS name,
    source,
    LEAST(EPOCH_MS("timestamp"), EPOCH_MS(received_at)) AS at_ms,
    log_offset,
    log_index,
    body,
    profile_id AS came_under,
    COALESCE(NULLIF(group_id, ''), JSON_EXTRACT_STRING(body, '$.context.groupId')) AS group_id
  FROM {lake}
  WHERE profile_id IS NOT NULL
)
SELECT
  COALESCE(merged.canonical_id, came_under) AS profile_id,
  CASE WHEN STARTS_WITH(came_under, 'acc_') THEN 'accounts' ELSE 'users' END AS collection,
  call, name, source, at_ms, log_offset, log_index, body
FROM named LEFT JOIN merged ON merged.profile_id = came_under
UNION ALL
SELECT accounts.profile_id, 'accounts', call, name, source, at_ms, log_offset, log_index, body
FROM named JOIN accounts USING (group_id)
WHERE NOT STARTS_WITH(came_under, 'acc_')
"""
"""An event that names a group is the user's and the account's. One that names nobody else has come in under the
account itself.
"""

_TRAITS: Final = """
CREATE TEMP VIEW traits AS
WITH sent AS (
  SELECT
    profile_id, at_ms, log_offset, log_index,
    UNNEST(MAP_ENTRIES(CAST(JSON_EXTRACT(body, '$.traits') AS MAP(VARCHAR, JSON)))) AS trait
  FROM events
  WHERE call = CASE collection WHEN 'users' THEN 'identify' ELSE 'group' END
    AND JSON_TYPE(body, '$.traits') = 'OBJECT'
)
SELECT profile_id, trait.key AS key, trait.value AS value, at_ms
FROM sent
QUALIFY 1 = ROW_NUMBER() OVER (
  PARTITION BY profile_id, trait.key ORDER BY at_ms DESC, log_offset DESC, log_index DESC
)
"""

_PROFILES: Final = "CREATE TEMP VIEW profiles AS SELECT DISTINCT profile_id, collection FROM events"

_LINKS: Final = """
CREATE TEMP VIEW links AS
SELECT DISTINCT account.profile_id AS account_id, member.profile_id AS user_id
FROM events AS account JOIN events AS member USING (log_offset, log_index)
WHERE account.collection = 'accounts' AND member.collection = 'users'
"""


def relate(
    connection: duckdb.DuckDBPyConnection,
    *,
    merged: Iterable[tuple[str, str]] = (),
    accounts: Iterable[tuple[str, str]] = (),
) -> None:
    """Gives a connection of `lake.query.connect` what compiled definitions ask. Its view `events` of the lake is
    hidden behind them.

    `merged`: profiles that went into another one, each with the one that it is now. `accounts`: group ids, each
    with the account that it belongs to now.
    """
    _hold(connection, "merged", ("profile_id", "canonical_id"), merged)
    _hold(connection, "accounts", ("group_id", "profile_id"), accounts)
    row = connection.execute("SELECT CURRENT_DATABASE()").fetchone()
    assert row is not None, "a connection has a database"
    lake = f'"{row[0]}".main.events'
    for statement in (_EVENTS.format(lake=lake), _TRAITS, _PROFILES, _LINKS):
        connection.execute(statement)


def _hold(
    connection: duckdb.DuckDBPyConnection, name: str, columns: tuple[str, str], pairs: Iterable[tuple[str, str]]
) -> None:
    import pyarrow as pa

    rows = list(pairs)
    arrays = [pa.array([pair[side] for pair in rows], pa.string()) for side in (0, 1)]
    connection.register(f"arriving_{name}", pa.table(dict(zip(columns, arrays, strict=True))))
    connection.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM arriving_{name}")  # noqa: S608 - our own names
    connection.unregister(f"arriving_{name}")
