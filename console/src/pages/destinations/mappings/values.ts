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
  { kind: "@path", label: "Event field", about: "A value from the event.", group: "Simple" },
  {
    kind: "@template",
    label: "Text template",
    about: "Text with values inserted, as {{properties.name}}.",
    group: "Simple",
  },
  { kind: "text", label: "Fixed text", about: "Always the same.", group: "Simple" },
  { kind: "number", label: "Fixed number", about: "Always the same.", group: "Simple" },
  { kind: "boolean", label: "True or false", about: "Always the same.", group: "Simple" },
  { kind: "null", label: "Nothing (null)", about: "Sends no value.", group: "Simple" },
  { kind: "@if", label: "If, then, else", about: "One of two values.", group: "Conditions and text" },
  { kind: "@case", label: "Change case", about: "Upper or lower case.", group: "Conditions and text" },
  {
    kind: "@replace",
    label: "Find and replace",
    about: "In a text.",
    group: "Conditions and text",
  },
  {
    kind: "@liquid",
    label: "Liquid template",
    about: "Filters, conditions, arithmetic.",
    group: "Conditions and text",
  },
  {
    kind: "@literal",
    label: "Literal",
    about: "Exactly this value, even if it contains braces.",
    group: "Conditions and text",
  },
  { kind: "object", label: "Object", about: "Named values.", group: "Lists and objects" },
  { kind: "list", label: "List", about: "Several values.", group: "Lists and objects" },
  {
    kind: "@arrayPath",
    label: "Map a list",
    about: "Each item of a list in the event, reshaped.",
    group: "Lists and objects",
  },
  {
    kind: "@flatten",
    label: "Flatten",
    about: "Nested objects become one level.",
    group: "Lists and objects",
  },
  {
    kind: "@merge",
    label: "Merge objects",
    about: "Several objects combined into one.",
    group: "Lists and objects",
  },
  {
    kind: "@excludeWhenNull",
    label: "Remove nulls",
    about: "A value without its nulls.",
    group: "Lists and objects",
  },
  {
    kind: "@json",
    label: "Convert JSON",
    about: "To or from JSON text.",
    group: "Lists and objects",
  },
  {
    kind: "@transform",
    label: "Two-step mapping",
    about: "A mapping applied to the result of another.",
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
