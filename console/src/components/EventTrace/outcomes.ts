/** How an event ended, in a word or two; the API's code stands beside it where there is room. */

const LABELS: Record<string, string> = {
  accepted: "Accepted",
  waiting: "Processing",
  duplicate: "Duplicate",
  suppressed: "User suppressed",
  no_user_anon_id: "No user ID",
  id_not_string: "Invalid ID",
  id_required: "Missing ID",
  type_unknown: "Unknown call",
  event_not_object: "Not an event",
  event_not_defined: "Missing event name",
  event_not_string: "Invalid event name",
  unplanned: "Not in the plan",
  schema_violation: "Schema violation",
  unplanned_and_schema_violation: "Schema violation",
  common_schema_violation: "Schema violation",
  event_setting: "Blocked in the source",
  source_disabled: "Source disabled",
  dropped_by_transformation: "Dropped by a transformation",
  transformation_failed: "Transformation failed",
  poison: "Internal error",
};

export function outcomeLabel(outcome: string): string {
  const known = LABELS[outcome];
  if (known) return known;
  const words = outcome.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Whether nothing is wrong with it. */
export function isGood(outcome: string): boolean {
  return outcome === "accepted" || outcome === "waiting";
}
