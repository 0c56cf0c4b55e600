/** Numbers with a unit, in the unit that people would say them in. Pure. */

import type { Field } from "~/api/schema";
import type { ChangeLine, SaidChange } from "~/components/Changes";

interface Unit {
  name: string;
  size: number;
}

const UNITS: Record<string, Unit[]> = {
  seconds: [
    { name: "seconds", size: 1 },
    { name: "minutes", size: 60 },
    { name: "hours", size: 3_600 },
    { name: "days", size: 86_400 },
  ],
  bytes: [
    { name: "bytes", size: 1 },
    { name: "KiB", size: 2 ** 10 },
    { name: "MiB", size: 2 ** 20 },
    { name: "GiB", size: 2 ** 30 },
    { name: "TiB", size: 2 ** 40 },
  ],
};

/** The units that a number of this kind may be said in, the smallest first; empty: it has only its own. */
export function unitsOf(field: Pick<Field, "unit">): Unit[] {
  return UNITS[field.unit] ?? [];
}

/** The largest unit in which the number is whole: 604,800 seconds are days. */
export function suiting(value: number, units: Unit[]): Unit | undefined {
  return [...units].reverse().find((unit) => value !== 0 && value % unit.size === 0) ?? units[0];
}

/** "7 days", "8 GiB", "5 seconds", "100", "none". */
export function said(value: unknown, field: Pick<Field, "unit">): string {
  if (value === null || value === undefined) return "none";
  if (typeof value === "boolean") return value ? "on" : "off";
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map(shownText).join(", ");
  if (typeof value !== "number") return value === "" ? "none" : String(value);
  const unit = suiting(value, unitsOf(field));
  if (!unit) return `${value.toLocaleString()}${field.unit ? ` ${field.unit}` : ""}`;
  const number = value / unit.size;
  const name = number === 1 ? unit.name.replace(/s$/, "") : unit.name;
  return `${number.toLocaleString()} ${name}`;
}

const EMPTY = "(empty)";

/** An empty text in a list has to be seen. */
export function shownText(text: unknown): string {
  return text === "" ? EMPTY : String(text);
}

export function writtenText(shown: string): string {
  return shown === EMPTY ? "" : shown;
}

const WORDS: Record<string, string> = { url: "URL", ids: "ids", api: "API" };

/** `log_retention_s` → "Log retention": the unit stands beside the number. */
export function labelOf(name: string): string {
  const words = name.replace(/_(s|bytes)$/, "").split("_");
  const text = words.map((word) => WORDS[word] ?? word).join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What is not said in the file is as by default, and is shown so: "30 days" becomes "3 days". */
export function changeInWords(
  part: string,
  fields: readonly Field[],
  labels: Record<string, string>,
): (change: ChangeLine) => SaidChange | undefined {
  return ({ path, before, after }) => {
    const field = fields.find(({ name }) => path === `${part}.${name}`);
    if (!field) return undefined;
    return {
      title: labels[field.name] ?? labelOf(field.name),
      before: said(before === undefined ? field.default : before, field),
      after: said(after === undefined ? field.default : after, field),
    };
  };
}
