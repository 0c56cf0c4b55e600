/** How somebody is called who is known by ids. */

export interface Known {
  segment_id: string;
  external_ids: readonly { type: string; value: string }[];
}

const BEST = ["email", "user_id", "group_id", "phone", "anonymous_id"];

/** The id that says most to people. */
export function personName({ segment_id, external_ids }: Known): string {
  for (const type of BEST) {
    const found = external_ids.find((id) => id.type === type);
    if (found) return found.value;
  }
  return external_ids[0]?.value ?? segment_id;
}

/** The others, with their types. */
export function namesOf(known: Known): string {
  const name = personName(known);
  const others = known.external_ids.filter((id) => id.value !== name).map((id) => `${id.type} ${id.value}`);
  return others.join(", ") || known.segment_id;
}
