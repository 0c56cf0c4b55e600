/** Conditions about traits as they stand in the address and as the API takes them. */

import type { TraitTest } from "~/api/schema";

/** As it stands in the address: the value is what somebody has written. */
export interface WrittenTest {
  trait: string;
  op: string;
  value?: string | undefined;
}

export interface Operator {
  op: string;
  words: string;
  /** What is written beside it; null: nothing is. */
  example: string | null;
}

/** In the order in which they are offered. */
export const OPERATORS: readonly Operator[] = [
  { op: "=", words: "is", example: "Oslo" },
  { op: "!=", words: "is not", example: "Oslo" },
  { op: "contains", words: "contains", example: "gmail" },
  { op: "starts_with", words: "starts with", example: "A" },
  { op: "ends_with", words: "ends with", example: ".com" },
  { op: ">", words: "is more than", example: "100" },
  { op: ">=", words: "is at least", example: "100" },
  { op: "<", words: "is less than", example: "100" },
  { op: "<=", words: "is at most", example: "100" },
  { op: "in", words: "is one of", example: "NO, SE, DK" },
  { op: "not_in", words: "is none of", example: "NO, SE, DK" },
  { op: "exists", words: "is known", example: null },
  { op: "not_exists", words: "is not known", example: null },
  { op: "before", words: "is before", example: "2026-01-31" },
  { op: "after", words: "is after", example: "2026-01-31" },
  { op: "within_last", words: "is within the last", example: "7d" },
];

export function operatorOf(op: string): Operator {
  return OPERATORS.find((each) => each.op === op) ?? { op, words: op, example: "" };
}

/** Whether it says enough to be asked. */
export function isWhole(test: WrittenTest): boolean {
  return (
    test.trait.trim() !== "" && (operatorOf(test.op).example === null || (test.value ?? "").trim() !== "")
  );
}

/** As the API takes it. */
export function asked(test: WrittenTest): TraitTest {
  const trait = test.trait.trim();
  const { op } = test;
  if (operatorOf(op).example === null) return { trait, op, value: null };
  const written = (test.value ?? "").trim();
  if (op === "in" || op === "not_in") return { trait, op, value: written.split(",").map(meant) };
  if (TEXTS.has(op)) return { trait, op, value: unquoted(written) };
  return { trait, op, value: meant(written) };
}

/** Operators that compare text, or read an instant or a duration out of it. */
const TEXTS = new Set(["starts_with", "ends_with", "before", "after", "within_last"]);

/** true, false and numbers are what they look like; in quotes they are text. */
function meant(written: string): string | number | boolean {
  const text = written.trim();
  if (text === "true" || text === "false") return text === "true";
  if (/^-?\d+(\.\d+)?$/.test(text) && Number.isFinite(Number(text))) return Number(text);
  return unquoted(text);
}

function unquoted(text: string): string {
  return /^".*"$/s.test(text) ? text.slice(1, -1) : text;
}
