/** Triggers as a form: calls of a type, and of track calls some events or all but some. Others stay FQL. Pure. */

export const CALLS = ["track", "identify", "page", "screen", "group", "alias"] as const;

export type Call = (typeof CALLS)[number];

export interface Choice {
  /** null: every call. */
  call: Call | null;
  /** Of track calls. */
  which: "all" | "only" | "except";
  events: string[];
}

export const CALL_LABELS: Record<Call, string> = {
  track: "Track events",
  identify: "Identify calls",
  page: "Page views",
  screen: "Screen views",
  group: "Group calls",
  alias: "Alias calls",
};

const EVERY = "type != null";
const TEXT = String.raw`"(?:[^"\\]|\\.)*"`;
const ONE = new RegExp(`^type = "(${CALLS.join("|")})"$`);
const ONLY = new RegExp(
  String.raw`^(?:type = "track" and )?\(?(event = ${TEXT}(?: or event = ${TEXT})*)\)?$`,
);
const EXCEPT = new RegExp(`^type = "track"((?: and event != ${TEXT})+)$`);

/** null: it says something that the form cannot. */
export function choiceOf(trigger: string): Choice | null {
  const text = trigger.trim();
  if (text === EVERY) return { call: null, which: "all", events: [] };
  const [, call] = ONE.exec(text) ?? [];
  if (call) return { call: call as Call, which: "all", events: [] };
  const [, only] = ONLY.exec(text) ?? [];
  // Without parentheses "and" would bind the first of them alone.
  if (only && (!only.includes('" or event = "') || text === triggerOf(chosen("only", only))))
    return chosen("only", only);
  const [, except] = EXCEPT.exec(text) ?? [];
  return except ? chosen("except", except) : null;
}

function chosen(which: "only" | "except", written: string): Choice {
  const events = [...written.matchAll(new RegExp(TEXT, "g"))].map(([text]) => JSON.parse(text) as string);
  return { call: "track", which, events };
}

export function triggerOf({ call, which, events }: Choice): string {
  if (call === null) return EVERY;
  const type = `type = "${call}"`;
  if (call !== "track" || which === "all" || events.length === 0) return type;
  if (which === "except")
    return [type, ...events.map((name) => `event != ${JSON.stringify(name)}`)].join(" and ");
  const any = events.map((name) => `event = ${JSON.stringify(name)}`).join(" or ");
  return `${type} and ${events.length > 1 ? `(${any})` : any}`;
}

/** "Track events: Order Completed"; null: only FQL says it. */
export function triggerInWords(trigger: string): string | null {
  const choice = choiceOf(trigger);
  if (!choice) return null;
  const { call, which, events } = choice;
  if (call === null) return "Every event";
  if (which === "all") return call === "track" ? "All track events" : CALL_LABELS[call];
  return which === "only" ? events.join(", ") : `All track events except ${events.join(", ")}`;
}
