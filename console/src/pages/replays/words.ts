/** What a replay is about, in words. Pure. */

import type { ReplayLine } from "~/api/schema";
import { counted, moment } from "~/format/format";

export type ReplayState = ReplayLine["state"];

type Asked = ReplayLine["asked"];

export const STATES: Record<ReplayState, { label: string; color: string; isOver: boolean }> = {
  running: { label: "Running", color: "blue", isOver: false },
  paused: { label: "Paused", color: "yellow", isOver: false },
  done: { label: "Done", color: "green", isOver: true },
  cancelled: { label: "Cancelled", color: "gray", isOver: true },
  failed: { label: "Failed", color: "red", isOver: true },
};

/** "Dead letters with 404 to crm", "Order Completed from website to crm". */
export function titleOf(asked: Partial<Asked>): string {
  const to = asked.to ? `to ${asked.to}` : "through the pipeline";
  if (asked.from === "dead_letters") {
    const which = asked.reason ? ` with ${asked.reason}` : "";
    return `Dead letters${which} ${to}`;
  }
  const what = named(asked.events) ?? named(asked.types, (type) => `${type} calls`) ?? "Events";
  const from = asked.sources?.length ? ` from ${named(asked.sources)}` : "";
  return `${what}${from} ${to}`;
}

/** What narrows it down, a phrase each. */
export function conditionsOf(asked: Partial<Asked>): string[] {
  const found: string[] = [];
  const span = spanOf(asked.since, asked.until);
  if (span) found.push(span);
  if (asked.audience) found.push(`members of ${asked.audience}`);
  if (asked.stage && asked.stage !== "delivery") found.push(`failed at ${asked.stage}`);
  if (asked.where) found.push(`where ${asked.where}`);
  return found;
}

function spanOf(since: string | undefined, until: string | undefined): string | undefined {
  if (since && until) return `received from ${pointOf(since)} until ${pointOf(until)}`;
  if (since) return `received since ${pointOf(since)}`;
  return until ? `received before ${pointOf(until)}` : undefined;
}

/** `7d` → "7 days before it started", an instant as people read it. */
function pointOf(point: string): string {
  const [, number, unit] = /^(\d+)([hd])$/.exec(point) ?? [];
  if (number && unit) return `${counted(Number(number), unit === "h" ? "hour" : "day")} before it started`;
  return Number.isNaN(Date.parse(point)) ? point : moment(point);
}

function named(names: readonly unknown[] | undefined, each = (name: string) => name): string | undefined {
  if (!names?.length) return undefined;
  const shown = names.slice(0, 3).map((name) => each(String(name)));
  return names.length > 3 ? `${shown.join(", ")} and ${names.length - 3} more` : shown.join(", ");
}
