/** JSON as lines, each with its place, so that the place of a mistake can be shown. */

export interface Line {
  text: string;
  /** Of the value that begins on this line; closing brackets have none. */
  path: readonly string[] | null;
}

export function lines(value: unknown): Line[] {
  const found: Line[] = [];
  print(value, [], "", "", found);
  return found;
}

function print(
  value: unknown,
  path: readonly string[],
  indent: string,
  key: string,
  found: Line[],
  comma = "",
): void {
  const members: [string, unknown][] | null = Array.isArray(value)
    ? value.map((item, index) => [String(index), item])
    : typeof value === "object" && value !== null
      ? Object.entries(value)
      : null;
  if (!members || members.length === 0) {
    found.push({ text: `${indent}${key}${JSON.stringify(value)}${comma}`, path });
    return;
  }
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  found.push({ text: `${indent}${key}${open}`, path });
  members.forEach(([name, inner], index) => {
    const label = Array.isArray(value) ? "" : `${JSON.stringify(name)}: `;
    print(inner, [...path, name], `${indent}  `, label, found, index < members.length - 1 ? "," : "");
  });
  found.push({ text: `${indent}${close}${comma}`, path: null });
}

/**
 * Which lines a field names: dots between names, `\\.` for one inside a name, `$` for every index of a list, `(root)`
 * for all of it. When nothing stands there, the lines of what should have held it.
 */
export function marked(all: readonly Line[], field: string): { indexes: Set<number>; isMissing: boolean } {
  if (field === "(root)" || field === "") return { indexes: new Set([0]), isMissing: false };
  for (let names = candidates(field), isMissing = false; names.length > 0; isMissing = true) {
    const indexes = new Set(
      all.flatMap((line, index) =>
        line.path && names.some((each) => fits(line.path ?? [], each)) ? [index] : [],
      ),
    );
    if (indexes.size > 0) return { indexes, isMissing };
    names = names.map((each) => each.slice(0, -1)).filter((each) => each.length > 0);
  }
  return { indexes: new Set(), isMissing: true };
}

/** Violations do not say whether a dot stands between two names or is part of one. */
function candidates(field: string): string[][] {
  const parts = field.split(/(?<!\\)\./).map((part) => part.replace(/\\(.)/g, "$1"));
  const joined = parts.length > 2 ? [[...parts.slice(0, 1), parts.slice(1).join(".")]] : [];
  return [parts, ...joined];
}

function fits(path: readonly string[], wanted: readonly string[]): boolean {
  return (
    path.length === wanted.length &&
    path.every((name, index) => name === wanted[index] || (wanted[index] === "$" && /^\d+$/.test(name)))
  );
}
