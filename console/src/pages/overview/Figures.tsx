/** The numbers that one wants to see first. */

import { SimpleGrid } from "@mantine/core";
import type { OverviewNow } from "~/api/schema";
import { Figure } from "~/components/Figure";
import { Sparkline } from "~/components/Sparkline";
import { bytes, compact, count, counted, duration, perSecond } from "~/format/format";
import { type Moment, trendOf } from "./moments";

interface Props {
  now: OverviewNow;
  moments: readonly Moment[];
}

export function Figures({ now, moments }: Props) {
  const { rates, latencies, storage, people } = now;
  const waiting = now.destinations.reduce((sum, each) => sum + each.retries, 0);
  const behind = now.readers
    .filter((each) => !each.reader.startsWith("deliver:"))
    .reduce((sum, each) => sum + each.events, 0);
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="sm">
      <Figure
        label="Incoming"
        value={shown(rates.collected)}
        note={
          rates.dropped
            ? `${perSecond(rates.dropped)} not accepted`
            : rates.collected === 0
              ? "none right now"
              : "all accepted"
        }
        hint="Events received and stored for good, over the last few seconds."
        aside={<Trend points={trendOf(moments, "accepted")} label="Accepted events" />}
      />
      <Figure
        label="Delivered"
        value={shown(rates.delivered)}
        note={waiting ? `${count(waiting)} waiting for a retry` : "no retries waiting"}
        hint="Events accepted by a destination, over all destinations, over the last few seconds."
        aside={<Trend points={trendOf(moments, "delivered")} label="Delivered events" />}
      />
      <Figure
        label="Delivery time"
        value={seconds(latencies.delivery_p95_s)}
        note={
          latencies.delivery_p50_s === null
            ? "no recent events"
            : `median ${seconds(latencies.delivery_p50_s)}`
        }
        hint="From our answer to the sender until the destination's answer. 95 of 100 events of the last minute took at most this long."
      />
      <Figure
        label="Lake lag"
        value={latencies.lake_s < 0.05 ? "0 s" : seconds(latencies.lake_s)}
        note={behind ? `${counted(behind, "event")} pending` : "up to date"}
        hint="How long the oldest event has been waiting that SQL cannot see yet."
      />
      <Figure
        label="Dead letters"
        value={compact(now.dead_letters_total)}
        note={now.dead_letters_total ? "waiting for review" : "none"}
        tone={now.dead_letters_total ? "warn" : undefined}
        hint="Events that could not be processed or delivered. They are kept until you replay or discard them."
      />
      {people && people.users > 0 ? (
        <Figure
          label="Profiles"
          value={compact(people.users)}
          note={people.accounts ? counted(people.accounts, "account") : "people"}
        />
      ) : (
        <Figure
          label="Free disk space"
          value={storage ? bytes(storage.disk_free_bytes) : "…"}
          note={storage?.full_in_days ? `${count(storage.full_in_days)} days at this rate` : undefined}
        />
      )}
    </SimpleGrid>
  );
}

/** Of the last minutes, as far as somebody has looked. */
function Trend({ points, label }: { points: readonly number[]; label: string }) {
  if (points.length < 3) return null;
  return <Sparkline points={points} width={48} height={24} label={`${label}, last minutes`} />;
}

function shown(value: number | null): string {
  return value === null ? "…" : perSecond(value);
}

function seconds(value: number | null): string {
  return value === null ? "–" : duration(value * 1_000);
}
