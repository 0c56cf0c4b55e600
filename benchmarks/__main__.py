"""`make bench`: every flow with its bar, one table, figures as JSON under benchmarks/results/.

make bench                         all flows
make bench ARGS="idle log_to_lake" some of them

HEADWATER_BENCH_PROFILES (1000000) is the size of the largest store, that of `backfill`; others have a fifth of it.
HEADWATER_BENCH_BACKLOG (3600000) is how many events wait for a destination that comes back.
HEADWATER_BENCH_RECEIPTS (5000000) is how many receipts there are to ask about.
"""

import argparse
import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.flows import (
    backfill,
    console_first_paint,
    dedupe,
    delivery_faults,
    end_to_end,
    event_to_profile,
    fql,
    http_to_log,
    idle,
    log_to_lake,
    log_to_profiles,
    mapping,
    merge,
    outbound_to_http,
    profile_api,
    receipts,
)
from benchmarks.measure import Figure

FLOWS = {
    "http_to_log": http_to_log.one_event_per_post,
    "http_to_log_gzip": http_to_log.gzip_batches,
    "log_to_lake": log_to_lake.one_core,
    "processing": log_to_lake.governed,
    "dedupe": dedupe.full_store,
    "fql": fql.filters,
    "mapping": mapping.twenty_fields,
    "end_to_end": end_to_end.post_to_webhook,
    "log_to_profiles": log_to_profiles.one_core,
    "event_to_profile": event_to_profile.under_load,
    "profile_api": profile_api.loaded_store,
    "merge": merge.large_profiles,
    "backfill": backfill.new_audience,
    "receipts": receipts.one_core,
    "outbound_to_http": outbound_to_http.one_request_per_event,
    "outbound_to_http_batches": outbound_to_http.batches,
    "isolation": delivery_faults.isolation,
    "backlog": delivery_faults.backlog,
    "delivery_success": delivery_faults.success,
    "console_first_paint": console_first_paint.overview,
    "idle": idle.all_roles,
}
RESULTS = Path(__file__).parent / "results"


def machine() -> str:
    model = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    return f"{os.cpu_count()} cores, {model}, Linux {platform.release()}, Python {platform.python_version()}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("flows", nargs="*", choices=[[], *FLOWS], help="default: all of them")
    chosen = parser.parse_args().flows or list(FLOWS)
    console = Console()
    figures: list[Figure] = []
    for name in chosen:
        console.print(f"[dim]{name} …[/dim]")
        figures += FLOWS[name]()
    table = Table("flow", "what", "measured", "bar", "aim", "")
    for figure in figures:
        verdict = {True: "[green]met[/green]", False: "[red]missed[/red]", None: ""}[figure.is_met]
        table.add_row(figure.flow, figure.what, figure.shown, figure.bar, figure.aim, verdict)
    console.print(table)
    console.print(f"[dim]{machine()}[/dim]")
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    file = RESULTS / f"{now:%Y-%m-%dT%H-%M-%SZ}.json"
    document = {"at": now.isoformat(), "machine": machine(), "figures": [figure._asdict() for figure in figures]}
    file.write_text(json.dumps(document, indent=2) + "\n")
    console.print(f"[dim]written to {file.relative_to(RESULTS.parent.parent)}[/dim]")
    sys.exit(0 if all(figure.is_met is not False for figure in figures) else 1)


if __name__ == "__main__":
    main()
