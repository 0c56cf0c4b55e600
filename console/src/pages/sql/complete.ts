/** Completion of SQL: tables and columns, DuckDB's words, and what was really sent: event names and JSON paths. */

import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import type { Kind, SqlTable, Suggestion } from "~/api/schema";
import { compact } from "~/format/format";

export type Observe = (kind: Kind, prefix: string, event?: string) => Promise<Suggestion[]>;

/** What a text in quotes is about. */
export type Place =
  | { kind: "event"; from: number; written: string }
  | { kind: "path"; root: "properties" | "traits" | "context"; from: number; written: string }
  | { kind: "root"; from: number; written: string }
  | { kind: "word"; from: number; written: string };

const WORDS = [
  ...[
    "select",
    "from",
    "where",
    "group by",
    "order by",
    "limit",
    "having",
    "with",
    "as",
    "distinct",
    "on",
    "join",
  ],
  ...[
    "left join",
    "and",
    "or",
    "not",
    "in",
    "is null",
    "is not null",
    "between",
    "like",
    "ilike",
    "case",
    "when",
  ],
  ...[
    "then",
    "else",
    "end",
    "desc",
    "asc",
    "interval",
    "union all",
    "qualify",
    "over",
    "partition by",
    "unnest",
  ],
];

const FUNCTIONS = [
  ...[
    "count",
    "sum",
    "avg",
    "min",
    "max",
    "arg_max",
    "arg_min",
    "median",
    "quantile_cont",
    "approx_count_distinct",
  ],
  ...[
    "date_trunc",
    "date_diff",
    "now",
    "strftime",
    "coalesce",
    "lower",
    "upper",
    "length",
    "list",
    "string_agg",
  ],
  ...["regexp_matches", "json_extract_string", "json_keys", "from_json", "row_number", "lag", "lead"],
];

const ROOTS = ["properties", "traits", "context", "userId", "anonymousId", "event", "type", "integrations"];

const IN_PATH = /->>?\s*'\$\.(properties|traits|context)\.([^']*)$/;
const IN_ROOT = /->>?\s*'\$\.([^'.]*)$/;
const IN_EVENT = /\bevent\s*(?:=|!=|<>|in\s*\((?:\s*'[^']*'\s*,)*)\s*'([^']*)$/i;

export function placeAt(text: string): Place | null {
  const path = IN_PATH.exec(text);
  if (path)
    return {
      kind: "path",
      root: path[1] as "properties" | "traits" | "context",
      from: text.length - (path[2] ?? "").length,
      written: path[2] ?? "",
    };
  const root = IN_ROOT.exec(text);
  if (root) return { kind: "root", from: text.length - (root[1] ?? "").length, written: root[1] ?? "" };
  const event = IN_EVENT.exec(text);
  if (event) return { kind: "event", from: text.length - (event[1] ?? "").length, written: event[1] ?? "" };
  if (isInText(text)) return null;
  const word = /[a-z_][\w]*$/i.exec(text)?.[0] ?? "";
  return { kind: "word", from: text.length - word.length, written: word };
}

export async function propose(
  context: CompletionContext,
  tables: readonly SqlTable[],
  observe: Observe,
): Promise<CompletionResult | null> {
  const whole = context.state.doc.toString();
  const place = placeAt(whole.slice(0, context.pos));
  if (!place || (place.kind === "word" && place.written === "" && !context.explicit)) return null;
  const options = await optionsAt(place, whole, tables, observe);
  return options.length === 0
    ? null
    : { from: place.from, options, validFor: place.kind === "word" ? /^\w*$/ : undefined };
}

const KINDS = { properties: "property", traits: "trait", context: "context" } as const;

export async function optionsAt(
  place: Place,
  whole: string,
  tables: readonly SqlTable[],
  observe: Observe,
): Promise<Completion[]> {
  switch (place.kind) {
    case "event":
      return (await observe("event", place.written)).map((seen) => ({
        label: seen.text,
        type: "text",
        detail: `${compact(seen.volume)}×`,
        apply: seen.text.replaceAll("'", "''"),
      }));
    case "root":
      return ROOTS.map((label) => ({ label, type: "property" }));
    case "path": {
      const asked = place.root === "properties" ? eventAskedFor(whole) : undefined;
      const seen = await observe(KINDS[place.root], place.written, asked);
      // What is inside of lists is reached with unnest: the list itself is what a path can name.
      const paths = new Map(seen.map((each) => [each.text.split(/\.?\$/)[0] ?? "", each]));
      return [...paths]
        .filter(([path]) => path)
        .map(([path, { types, volume }]) => ({
          label: path,
          type: "property",
          detail: `${types.join(", ")}${volume > 0 ? ` · ${compact(volume)}×` : ""}`,
        }));
    }
    case "word":
      return words(tables);
  }
}

function words(tables: readonly SqlTable[]): Completion[] {
  return [
    ...tables.flatMap(({ name, about, columns }) => [
      { label: name, type: "class", detail: "view", info: about, boost: 2 },
      ...columns.map((column) => ({
        label: column.name,
        type: "property",
        detail: column.type.toLowerCase(),
        info: column.about,
        boost: 2,
      })),
    ]),
    ...WORDS.map((label) => ({ label, type: "keyword" })),
    ...FUNCTIONS.map((label) => ({ label, type: "function", apply: `${label}(` })),
  ];
}

function eventAskedFor(sql: string): string | undefined {
  return /\bevent\s*=\s*'([^']+)'/i.exec(sql)?.[1];
}

function isInText(text: string): boolean {
  return (text.match(/'/g) ?? []).length % 2 === 1;
}
