/** External ids in the order in which people know somebody by them. */

import type { Id } from "~/api/schema";

const FIRST = ["user_id", "group_id", "email", "phone"];
const LAST = ["anonymous_id"];

export function bestFirst<Known extends Id>(ids: readonly Known[]): Known[] {
  return [...ids].sort((one, other) => rank(one) - rank(other));
}

function rank({ type }: Id): number {
  const first = FIRST.indexOf(type);
  if (first >= 0) return first;
  return LAST.includes(type) ? FIRST.length + 1 : FIRST.length;
}
