/** The numbers that one wants to see first. */

import { SimpleGrid } from "@mantine/core";
import type { OverviewNow } from "~/api/schema";
import { Figure } from "~/components/Figure";
import { bytes, compact, count, counted, duration, rate } from "~/format/format";

export function Figures({ now }: { now: OverviewNow }) {
  const { rates, latencies, storage, people } = now;
  const waiting = now.destinations.reduce((sum, each) => sum + each.retries, 0);
  const behind = now.readers
    .filter((each) => !each.reader.startsWith("deliver:"))
    .reduce((sum, each) => sum + each.events, 0);
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="sm">
      <Figure
        label="Events in"
        value={perSecond(rates.collected)}
        note={rates.dropped ? `${perSecond(rates.dropped)} not accepted` : "a second, now"}
        hint="Events that were stored for good, over the last seconds."
      />
      <Figure
        label="Delivered"
        value={perSecond(rates.delivered)}
        note={waiting ? `${count(waiting)} to be retried` : "a second, now"}
        hint="Events that a destination has taken, over all destinations."
      />
      <Figure
        label="To destinations"
        value={seconds(latencies.delivery_p95_s)}
        note={
          latencies.delivery_p50_s === null
            ? "none in the last minute"
            : `half within ${seconds(latencies.delivery_p50_s)}`
        }
        hint="From our answer to the sender until the destination's answer: 95 of 100 events took at most so long, in the last minute."
      />
      <Figure
        label="To the lake"
        value={latencies.lake_s < 0.05 ? "now" : seconds(latencies.lake_s)}
        note={behind ? `${counted(behind, "event")} on the way` : "nothing waits"}
        hint="Age of the oldest event that cannot be asked about yet."
      />
      <Figure
        label="Dead letters"
        value={compact(now.dead_letters_total)}
        note={now.dead_letters_total ? "wait for a decision" : "nothing waits"}
        tone={now.dead_letters_total ? "warn" : undefined}
        hint="Events that could not be taken further, or not be delivered. They are kept until somebody replays or discards them."
      />
      {people && people.users > 0 ? (
        <Figure
          label="Profiles"
          value={compact(people.users)}
          note={people.accounts ? counted(people.accounts, "account") : "people"}
        />
      ) : (
        <Figure
          label="Disk free"
          value={storage ? bytes(storage.disk_free_bytes) : "…"}
          note={storage?.full_in_days ? `${count(storage.full_in_days)} days at this rate` : undefined}
        />
      )}
    </SimpleGrid>
  );
}

function perSecond(value: number | null): string {
  return value === null ? "…" : `${rate(value)}/s`;
}

function seconds(value: number | null): string {
  return value === null ? "–" : duration(value * 1_000);
}
