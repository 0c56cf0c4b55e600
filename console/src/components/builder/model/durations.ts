/** Durations as the workspace file has them: `30d`. */

export type Unit = "w" | "d" | "h" | "m" | "s" | "ms";

export interface Duration {
  count: number;
  unit: Unit;
}

const NAMES: Record<Unit, string> = {
  w: "week",
  d: "day",
  h: "hour",
  m: "minute",
  s: "second",
  ms: "millisecond",
};

export const UNITS = Object.keys(NAMES) as Unit[];

/** Null: it is none. Also reads the words of the query language, `30 days`. */
export function parseDuration(text: unknown): Duration | null {
  const found = typeof text === "string" ? /^(\d{1,15}) ?([A-Za-z]+)$/.exec(text) : null;
  const unit = UNITS.find((each) => [each, NAMES[each], `${NAMES[each]}s`].includes(found?.[2] ?? ""));
  return found && unit ? { count: Number(found[1]), unit } : null;
}

export function writeDuration({ count, unit }: Duration): string {
  return `${count}${unit}`;
}

export function unitName(unit: Unit, count: number): string {
  return count === 1 ? NAMES[unit] : `${NAMES[unit]}s`;
}

/** `30d` → "30 days". */
export function durationInWords(text: string): string {
  const found = parseDuration(text);
  return found ? `${found.count} ${unitName(found.unit, found.count)}` : text;
}
