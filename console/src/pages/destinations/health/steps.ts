/** Delivery over time as a chart wants it: every step of the span, also those in which nothing happened. Pure. */

import type { DeliveryReport } from "~/api/schema";

export type Span = "1h" | "24h" | "7d";

/** Minutes of a step. */
export const STEP_MINUTES: Record<Span, number> = { "1h": 1, "24h": 20, "7d": 120 };

export interface Step {
  at: string;
  delivered: number;
  retrying: number;
  failed: number;
  filtered: number;
  p50: number | null;
  p95: number | null;
}

export function stepsOf(report: DeliveryReport, span: Span): Step[] {
  const length = STEP_MINUTES[span] * 60_000;
  const known = new Map(report.minutes.map((each) => [Math.floor(Date.parse(each.at) / length), each]));
  const first = Math.floor(Date.parse(report.since) / length);
  const last = Math.floor(Date.parse(report.until) / length);
  const steps: Step[] = [];
  for (let place = first; place <= last; place += 1) {
    const found = known.get(place);
    steps.push({
      at: labelOf(new Date(place * length), span),
      delivered: found?.delivered ?? 0,
      retrying: found?.retrying ?? 0,
      failed: found?.failed ?? 0,
      filtered: found?.filtered ?? 0,
      p50: found?.p50_ms || null,
      p95: found?.p95_ms || null,
    });
  }
  return steps;
}

function labelOf(at: Date, span: Span): string {
  const time = at.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
  return span === "7d" ? `${at.toLocaleDateString(undefined, { weekday: "short" })} ${time}` : time;
}
