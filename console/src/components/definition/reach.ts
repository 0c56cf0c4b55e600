/** What connecting a destination would send at once: in numbers, estimated from the first members. Pure. */

import type { Connection, IdChoice, Member } from "~/api/schema";

export interface Reach {
  /** Who are told. */
  people: number;
  /** Who have no id that would be told. */
  without: number;
  messages: number;
  /** Not everybody was looked at: the numbers are an estimate. */
  isEstimate: boolean;
}

/** Types of external ids that are told when a connection names none (the platform's own, see the reference of `ids`). */
export const DEFAULT_TYPES = [
  "user_id",
  "email",
  "anonymous_id",
  "android.id",
  "android.idfa",
  "android.push_token",
  "ga_client_id",
  "group_id",
  "ios.id",
  "ios.idfa",
  "ios.push_token",
];

/** `members`: the first of `size`. `calls`: how many each id is told with. */
export function reachOf(
  members: readonly Pick<Member, "external_ids">[],
  size: number,
  ids: Connection["ids"],
  calls: number,
): Reach {
  const told = members.map((member) => idsTold(member, ids ?? {}));
  const scale = members.length === 0 ? 0 : size / members.length;
  const reached = told.filter((number) => number > 0).length;
  const messages = told.reduce((sum, number) => sum + number, 0) * calls;
  return {
    people: Math.round(reached * scale),
    without: Math.round((told.length - reached) * scale),
    messages: Math.round(messages * scale),
    isEstimate: members.length < size,
  };
}

function idsTold(member: Pick<Member, "external_ids">, ids: Record<string, IdChoice>): number {
  const wanted =
    Object.keys(ids).length > 0 ? ids : Object.fromEntries(DEFAULT_TYPES.map((type) => [type, "all"]));
  const counts = new Map<string, number>();
  for (const { type } of member.external_ids) counts.set(type, (counts.get(type) ?? 0) + 1);
  return Object.entries(wanted).reduce((sum, [type, choice]) => {
    const there = counts.get(type) ?? 0;
    return sum + (choice === "all" ? there : Math.min(there, 1));
  }, 0);
}
