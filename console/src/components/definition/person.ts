/** How somebody is called, in a line. */

export interface Known {
  segment_id: string;
  external_ids: readonly { type: string; value: string }[];
  /** As the API calls them; empty or left out: it does not say. */
  name?: string;
}

const IDS_SHOWN = 2;

const BEST = ["email", "user_id", "group_id", "phone", "anonymous_id"];

/** The name, else the id that says most to people. */
export function personName({ segment_id, external_ids, name }: Known): string {
  return name || bestFirst(external_ids)[0]?.value || segment_id;
}

/** The ids that the name does not say, the most telling first, with their types. */
export function namesOf(known: Known, shown = IDS_SHOWN): string {
  const name = personName(known);
  const others = bestFirst(known.external_ids).filter((id) => id.value !== name);
  return others
    .slice(0, shown)
    .map((id) => (id.type === "email" ? id.value : `${id.type} ${id.value}`))
    .join(" · ");
}

function bestFirst(ids: Known["external_ids"]): Known["external_ids"] {
  const rank = (type: string) => (BEST.includes(type) ? BEST.indexOf(type) : BEST.length - 1.5);
  return [...ids].sort((one, other) => rank(one.type) - rank(other.type));
}
