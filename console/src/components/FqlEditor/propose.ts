/** Completion of FQL: the words of the language, and what the platform has really seen. */

import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import type { QueryClient } from "@tanstack/react-query";
import { $api } from "~/api/client";
import type { Kind, Suggestion } from "~/api/schema";
import { compact } from "~/format/format";
import { eventsAskedFor, type Place, placeAt } from "./place";
import { CALLS, COMPARISONS, CONSTANTS, escaped, FUNCTIONS, JOINTS, quoted, ROOTS } from "./words";

/** Where the expression will be used. */
export interface FqlUse {
  /** It is the trigger of an action: a trigger may look at fewer members. */
  trigger?: boolean | undefined;
  /** Only what this source has sent is proposed. */
  source?: string | undefined;
}

/** Objects of an event whose members are known, and as what. */
const MEMBERS: Record<string, Kind> = { properties: "property", traits: "trait", context: "context" };

const LISTED_MAX = 50;

export async function propose(
  context: CompletionContext,
  use: FqlUse,
  queries: QueryClient,
): Promise<CompletionResult | null> {
  const whole = context.state.doc.toString();
  const place = placeAt(whole.slice(0, context.pos));
  if (!place || (!context.explicit && isNothingWritten(place))) return null;
  const options = await optionsAt(place, whole, use, (kind, prefix, event) =>
    observed(queries, kind, prefix, use.source, event),
  );
  return options.length === 0 ? null : { from: place.from, options, filter: false };
}

type Observe = (kind: Kind, prefix: string, event?: string) => Promise<Suggestion[]>;

/** `whole` is the expression to its end: what it says elsewhere tells whose properties are meant. */
export async function optionsAt(
  place: Place,
  whole: string,
  use: FqlUse,
  observe: Observe,
): Promise<Completion[]> {
  switch (place.kind) {
    case "operator":
      return [...(place.isCompared ? [] : COMPARISONS), ...JOINTS]
        .filter(({ sign }) => sign.startsWith(place.written))
        .map(({ sign, means }) => ({ label: sign, detail: means, type: "keyword", apply: `${sign} ` }));
    case "value":
      return valuesAt(place, observe);
    case "operand": {
      const [root = "", ...inner] = place.segments;
      if (inner.length === 0) return begins(root, use);
      const kind = MEMBERS[root];
      return kind ? members(root, inner, await membersSeen(kind, inner.join("."), whole, observe)) : [];
    }
  }
}

async function valuesAt(place: Extract<Place, { kind: "value" }>, observe: Observe): Promise<Completion[]> {
  const kind = valueKind(place.path);
  const wanted = place.written.toLowerCase();
  if (kind === "call")
    return CALLS.filter((call) => call.startsWith(wanted)).map((call) => text(place, call));
  if (kind) return (await observe(kind, place.written)).map((seen) => text(place, seen.text, seen.volume));
  if (place.isQuoted) return [];
  return CONSTANTS.filter((word) => word.startsWith(wanted)).map((word) => ({
    label: word,
    type: "keyword",
  }));
}

function valueKind([root, ...inner]: string[]): Kind | "call" | null {
  if (inner.length > 0) return null;
  if (root === "event") return "event";
  if (root === "name") return "page";
  return root === "type" ? "call" : null;
}

function text(place: Extract<Place, { kind: "value" }>, value: string, volume = 0): Completion {
  return {
    label: value,
    type: "text",
    ...(volume > 0 ? { detail: `${compact(volume)}×` } : {}),
    apply: (view, _, from, to) => {
      const opening = from - (place.isQuoted ? 1 : 0);
      // The editor has closed the quotes already when one was typed.
      const closing = to + (place.isQuoted && /["']/.test(view.state.sliceDoc(to, to + 1)) ? 1 : 0);
      const insert = quoted(value) ?? value;
      view.dispatch({
        changes: { from: opening, to: closing, insert },
        selection: { anchor: opening + insert.length },
      });
    },
  };
}

function begins(written: string, use: FqlUse): Completion[] {
  const wanted = written.toLowerCase();
  const roots = ROOTS.filter(
    (root) => (root.inTrigger || !use.trigger) && root.path.toLowerCase().startsWith(wanted),
  );
  const functions = FUNCTIONS.filter(({ name }) => name.startsWith(wanted));
  return [
    ...roots.map(({ path, is }) => ({
      label: path,
      detail: is,
      type: "property",
      apply: path.endsWith(".") ? path : `${path} `,
      boost: 1,
    })),
    ...functions.map(({ name, takes, gives }) => ({
      label: `${name}(${takes})`,
      detail: gives,
      type: "function",
      apply: `${name}(`,
    })),
  ];
}

async function membersSeen(
  kind: Kind,
  prefix: string,
  whole: string,
  observe: Observe,
): Promise<Suggestion[]> {
  const events = kind === "property" ? eventsAskedFor(whole).slice(0, 3) : [];
  if (events.length === 0) return observe(kind, prefix);
  const found = await Promise.all(events.map((event) => observe(kind, prefix, event)));
  const all = found.flat();
  // An event that nobody has sent yet has no properties: those of all are better than none.
  return all.length > 0 ? all : observe(kind, prefix);
}

/** `tags.$.name` is inside of a list, which no path of FQL can be: it is proposed as far as the list. */
function members(root: string, inner: string[], seen: Suggestion[]): Completion[] {
  const wanted = inner.join(".").toLowerCase();
  const found = new Map<string, Suggestion & { isList: boolean }>();
  for (const each of seen) {
    const [path = ""] = each.text.split(/\.?\$(?:\.|$)/);
    const fits = path !== "" && path.toLowerCase().includes(wanted);
    if (fits && !found.has(path)) found.set(path, { ...each, isList: path !== each.text });
  }
  return [...found].map(([path, { types, volume, detail, isList }]) => {
    const about = isList ? "array" : types.join(", ") || detail;
    return {
      label: `${root}.${path}`,
      detail: volume > 0 ? `${about} · ${compact(volume)}×` : about,
      type: "property",
      apply: [root, ...path.split(".")].map(escaped).join("."),
    };
  });
}

async function observed(
  queries: QueryClient,
  kind: Kind,
  prefix: string,
  source: string | undefined,
  event: string | undefined,
): Promise<Suggestion[]> {
  const query = {
    kind,
    prefix,
    limit: LISTED_MAX,
    ...(source ? { source } : {}),
    ...(event ? { event } : {}),
  };
  const options = $api.queryOptions("get", "/api/v1/schema/suggestions", { params: { query } });
  // Without what was observed the words of the language are still there: an error here is none of the editor.
  const found = await queries.fetchQuery({ ...options, staleTime: 10_000 }).catch(() => null);
  return found?.data ?? [];
}

/** Proposals that come by themselves at an empty place would be in the way of Enter. */
function isNothingWritten(place: Place): boolean {
  switch (place.kind) {
    case "operator":
      return place.written === "";
    case "value":
      return place.written === "" && !place.isQuoted;
    case "operand":
      return place.segments.length === 1 && place.segments[0] === "";
  }
}
