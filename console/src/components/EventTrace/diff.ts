/** Two events as one text: what only one of them has stands on a line of its own, in the place where it was. */

import { lines } from "../MarkedJson/lines";

export interface DiffLine {
  sign: " " | "-" | "+";
  text: string;
}

const NOTHING = Symbol("nothing");

export function diff(before: unknown, after: unknown): DiffLine[] {
  const found: DiffLine[] = [];
  compare(before, after, { indent: "", key: "", end: "" }, found);
  return found;
}

/** Where a value stands: what is before and after it on its lines. */
interface Place {
  indent: string;
  key: string;
  end: "," | "";
}

function compare(before: unknown, after: unknown, place: Place, found: DiffLine[]): void {
  if (isObject(before) && isObject(after) && size(before) > 0 && size(after) > 0) {
    found.push({ sign: " ", text: `${place.indent}${place.key}{` });
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    for (const [index, name] of names.entries()) {
      const was = name in before ? before[name] : NOTHING;
      const is = name in after ? after[name] : NOTHING;
      const end = index < names.length - 1 ? "," : "";
      compare(was, is, { indent: `${place.indent}  `, key: `${JSON.stringify(name)}: `, end }, found);
    }
    found.push({ sign: " ", text: `${place.indent}}${place.end}` });
    return;
  }
  if (before !== NOTHING && after !== NOTHING && JSON.stringify(before) === JSON.stringify(after)) {
    write(before, " ", place, found);
    return;
  }
  if (before !== NOTHING) write(before, "-", place, found);
  if (after !== NOTHING) write(after, "+", place, found);
}

function write(value: unknown, sign: DiffLine["sign"], { indent, key, end }: Place, found: DiffLine[]): void {
  const texts = lines(value);
  for (const [index, { text }] of texts.entries())
    found.push({
      sign,
      text: `${indent}${index === 0 ? key : ""}${text}${index === texts.length - 1 ? end : ""}`,
    });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function size(value: object): number {
  return Object.keys(value).length;
}
