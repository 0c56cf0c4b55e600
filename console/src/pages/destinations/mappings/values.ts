/** Values of a mapping: raw JSON or a directive (docs/reference/mappings.md). What kinds there are, and in words. Pure. */

export type Value = unknown;

export type DirectiveName =
  | "@path"
  | "@template"
  | "@if"
  | "@case"
  | "@replace"
  | "@arrayPath"
  | "@flatten"
  | "@json"
  | "@merge"
  | "@transform"
  | "@excludeWhenNull"
  | "@liquid"
  | "@literal";

export type RawKind = "text" | "number" | "boolean" | "null" | "list" | "object";

export type Kind = DirectiveName | RawKind;

interface KindAbout {
  kind: Kind;
  label: string;
  about: string;
  group: string;
}

export const KINDS: readonly KindAbout[] = [
  { kind: "@path", label: "From the event", about: "What is at a place in the event.", group: "Simple" },
  {
    kind: "@template",
    label: "Text with values",
    about: "Text in which {{path}} stands for a value.",
    group: "Simple",
  },
  { kind: "text", label: "Always the same text", about: "Comes out as it is.", group: "Simple" },
  { kind: "number", label: "Always the same number", about: "Comes out as it is.", group: "Simple" },
  { kind: "boolean", label: "Yes or no", about: "true or false.", group: "Simple" },
  { kind: "null", label: "Nothing (null)", about: "Takes a default away.", group: "Simple" },
  { kind: "@if", label: "If … then … else", about: "One of two values.", group: "Choose and change" },
  { kind: "@case", label: "Upper or lower case", about: "Of a text.", group: "Choose and change" },
  {
    kind: "@replace",
    label: "Replace in a text",
    about: "Plain text by plain text.",
    group: "Choose and change",
  },
  {
    kind: "@liquid",
    label: "Liquid template",
    about: "Filters, conditions, sums.",
    group: "Choose and change",
  },
  {
    kind: "@literal",
    label: "Literal",
    about: "Its argument, for text with braces or an else of 0.",
    group: "Choose and change",
  },
  { kind: "object", label: "Object", about: "Names and values.", group: "Lists and objects" },
  { kind: "list", label: "List", about: "Several values.", group: "Lists and objects" },
  {
    kind: "@arrayPath",
    label: "Each item of a list",
    about: "A list of the event, each item in another shape.",
    group: "Lists and objects",
  },
  {
    kind: "@flatten",
    label: "One level",
    about: "Objects inside objects become one object.",
    group: "Lists and objects",
  },
  { kind: "@merge", label: "Merge objects", about: "One object of several.", group: "Lists and objects" },
  {
    kind: "@excludeWhenNull",
    label: "Without nulls",
    about: "A value without its nulls.",
    group: "Lists and objects",
  },
  {
    kind: "@json",
    label: "JSON",
    about: "Written as JSON text, or read from it.",
    group: "Lists and objects",
  },
  {
    kind: "@transform",
    label: "Mapping of a mapping",
    about: "A mapping of what another one made.",
    group: "Lists and objects",
  },
];

const NAMES = new Set<string>(KINDS.map(({ kind }) => kind));

export function kindOf(value: Value): Kind {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return "text";
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "boolean";
  if (Array.isArray(value)) return "list";
  const [name] = Object.keys(value).filter((key) => key !== "_metadata");
  return name?.startsWith("@") && NAMES.has(name) ? (name as DirectiveName) : "object";
}

/** The argument of a directive. */
export function argumentOf(value: Value): Value {
  return objectOf(value)[kindOf(value)];
}

export function directive(name: DirectiveName, argument: Value): Value {
  return { [name]: argument };
}

/** An object, whatever is there. */
export function objectOf(value: Value): Record<string, Value> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, Value>)
    : {};
}

/** A value of another kind that keeps what it can of the one before. */
export function changedTo(kind: Kind, before: Value): Value {
  const was = kindOf(before);
  if (kind === was) return before;
  const inner = was === "null" || was === "object" || was === "list" ? { "@path": "$." } : before;
  const path = was === "@path" ? String(argumentOf(before)) : "$.";
  const text =
    was === "text"
      ? (before as string)
      : was === "@template" || was === "@liquid"
        ? String(argumentOf(before))
        : "";
  switch (kind) {
    case "@path":
      return { "@path": path };
    case "@template":
    case "@liquid":
      return { [kind]: text || (was === "@path" ? `{{ ${path.replace(/^\$\.?/, "")} }}` : "") };
    case "text":
      return text;
    case "number":
      return typeof before === "number" ? before : 0;
    case "boolean":
      return true;
    case "null":
      return null;
    case "list":
      return was === "null" ? [] : [before];
    case "object":
      return {};
    case "@if":
      // biome-ignore lint/suspicious/noThenProperty: the word of the directive
      return { "@if": { exists: inner, then: inner } };
    case "@case":
      return { "@case": { operator: "lower", value: inner } };
    case "@replace":
      return { "@replace": { value: inner, pattern: " ", replacement: "_" } };
    case "@flatten":
      return { "@flatten": { value: inner, separator: "." } };
    case "@json":
      return { "@json": { mode: "encode", value: inner } };
    case "@merge":
      return { "@merge": { objects: [was === "object" ? before : inner], direction: "right" } };
    case "@transform":
      return { "@transform": { apply: {}, mapping: inner } };
    case "@arrayPath":
      return { "@arrayPath": [was === "@path" ? path : "$.properties.products", {}] };
    case "@excludeWhenNull":
    case "@literal":
      return { [kind]: was === "object" || was === "list" ? before : inner };
  }
}

/** In a line, for people: `properties.total`, `traits.name, or else "friend"`. */
export function summary(value: Value): string {
  const inner = argumentOf(value);
  const parts = objectOf(inner);
  switch (kindOf(value)) {
    case "@path":
      return typeof inner === "string"
        ? inner.replace(/^\$\./, "").replace(/^\$?$/, "the whole event")
        : summary(inner);
    case "@template":
    case "@liquid":
      return String(typeof inner === "string" ? inner : summary(inner));
    case "text":
      return JSON.stringify(value);
    case "null":
      return "nothing";
    case "number":
    case "boolean":
      return String(value);
    case "list":
      return `list of ${(value as unknown[]).length}`;
    case "object":
      return `object of ${Object.keys(objectOf(value)).join(", ") || "nothing"}`;
    case "@if":
      return ifSummary(parts);
    case "@case":
      return `${summary(parts.value)} in ${parts.operator === "upper" ? "upper" : "lower"} case`;
    case "@replace":
      return `${summary(parts.value)} with ${JSON.stringify(parts.pattern)} replaced`;
    case "@arrayPath":
      return `each item of ${arraySummary(inner)}`;
    case "@flatten":
      return `${summary(parts.value)} in one level`;
    case "@json":
      return `${summary(parts.value)} ${parts.mode === "decode" ? "read from" : "as"} JSON`;
    case "@merge":
      return `${(Array.isArray(parts.objects) ? parts.objects : []).map(summary).join(" + ") || "nothing"}`;
    case "@transform":
      return `${summary(parts.mapping)} of another mapping`;
    case "@excludeWhenNull":
      return `${summary(inner)} without nulls`;
    case "@literal":
      return JSON.stringify(inner);
  }
}

function ifSummary(parts: Record<string, Value>): string {
  const asked = "exists" in parts ? parts.exists : parts.blank;
  const then = summary(parts.then);
  const otherwise = "else" in parts ? `, or else ${summary(parts.else)}` : "";
  if ("exists" in parts && JSON.stringify(parts.then) === JSON.stringify(asked)) return `${then}${otherwise}`;
  const condition = "exists" in parts ? "is there" : "is not blank";
  return `${then} if ${summary(asked)} ${condition}${otherwise}`;
}

function arraySummary(inner: Value): string {
  const [path] = Array.isArray(inner) ? inner : [inner];
  return typeof path === "string" ? path.replace(/^\$\./, "") : summary(path);
}

export interface Place {
  /** As a mapping writes it: `$.properties.total`. */
  path: string;
  /** What the event has there, in a few letters. */
  sample: string;
}

const PLACES_MAX = 200;
const DEPTH_MAX = 5;

/** Where an event has values: what a path may name. */
export function placesOf(event: Record<string, unknown>): Place[] {
  const found: Place[] = [];
  const walk = (value: unknown, path: string, depth: number) => {
    if (found.length >= PLACES_MAX) return;
    if (path !== "$") found.push({ path, sample: sampleOf(value) });
    if (depth >= DEPTH_MAX || typeof value !== "object" || value === null) return;
    const members = Array.isArray(value) ? value.slice(0, 1).entries() : Object.entries(value);
    for (const [name, member] of members) walk(member, stepTo(path, name), depth + 1);
  };
  walk(event, "$", 0);
  return found;
}

function stepTo(path: string, name: string | number): string {
  if (typeof name === "number") return `${path}[${name}]`;
  return /^[\w $-]+$/.test(name) ? `${path}.${name}` : `${path}['${name}']`;
}

export function sampleOf(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
