/** What a dry run comes to, in a sentence that no figure beneath it contradicts. */

import type { PlanDryRun } from "~/api/schema";
import { count, counted } from "~/format/format";

type Figures = Pick<
  PlanDryRun,
  "looked_at" | "blocked" | "omitted" | "newly_blocked" | "newly_passing" | "is_whole"
>;

export interface Verdict {
  color: "green" | "blue" | "orange";
  title: string;
  text: string;
}

const MEND =
  "See what is wrong below: widen the rules where the events are right, and fix the senders where they aren’t.";

/** `isSaved`: what was tried is what the plan does already. */
export function verdict(found: Figures, isSaved: boolean): Verdict {
  const { looked_at, blocked, omitted, newly_blocked, newly_passing, is_whole } = found;
  const all = is_whole ? `All ${counted(looked_at, "event")}` : `The newest ${counted(looked_at, "event")}`;
  if (isSaved) {
    if (blocked + omitted === 0)
      return { color: "green", title: `${all} pass this plan`, text: "The plan already works like this." };
    const parts = [
      blocked > 0 && `blocks ${count(blocked)}`,
      omitted > 0 && `removes properties from ${count(omitted)}`,
    ].filter(Boolean);
    return {
      color: "blue",
      title: `The plan already works like this: it ${parts.join(" and ")} of ${counted(looked_at, "event")}`,
      text: MEND,
    };
  }
  if (newly_blocked > 0)
    return {
      color: "orange",
      title: `${counted(newly_blocked, "event")} that ${newly_blocked === 1 ? "passes" : "pass"} today would be blocked`,
      text: MEND,
    };
  if (omitted > 0)
    return {
      color: "orange",
      title: `${counted(omitted, "event")} would pass without some of ${omitted === 1 ? "its" : "their"} properties`,
      text: MEND,
    };
  if (blocked > 0)
    return {
      color: "green",
      title: "No additional events would be blocked",
      text: `${counted(blocked, "event")} would be blocked, and ${blocked === 1 ? "is" : "are"} blocked today as well.`,
    };
  return {
    color: "green",
    title: `${all} would pass`,
    text: newly_passing > 0 ? "Some of them are blocked today." : "Nothing recent breaks this plan.",
  };
}
