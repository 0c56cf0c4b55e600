/** Two events as one text: what only one of them has stands on a line of its own, in the place where it was. */

import { lines } from "../MarkedJson/lines";

export interface DiffLine {
  sign: " " | "-" | "+";
  text: string;
}

const NOTHING = Symbol("nothing");

export function diff(before: unknown, after: unknown): DiffLine[] {
  const found: DiffLine[] = [];
  compare(before, after, "", "", found);
  return found;
}

function compare(before: unknown, after: unknown, indent: string, key: string, found: DiffLine[]): void {
  if (isObject(before) && isObject(after) && size(before) > 0 && size(after) > 0) {
    found.push({ sign: " ", text: `${indent}${key}{` });
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const was = name in before ? before[name] : NOTHING;
      const is = name in after ? after[name] : NOTHING;
      compare(was, is, `${indent}  `, `${JSON.stringify(name)}: `, found);
    }
    found.push({ sign: " ", text: `${indent}}` });
    return;
  }
  if (before !== NOTHING && after !== NOTHING && JSON.stringify(before) === JSON.stringify(after)) {
    write(before, " ", indent, key, found);
    return;
  }
  if (before !== NOTHING) write(before, "-", indent, key, found);
  if (after !== NOTHING) write(after, "+", indent, key, found);
}

function write(value: unknown, sign: DiffLine["sign"], indent: string, key: string, found: DiffLine[]): void {
  for (const [index, { text }] of lines(value).entries())
    found.push({ sign, text: `${indent}${index === 0 ? key : ""}${text}` });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function size(value: object): number {
  return Object.keys(value).length;
}
