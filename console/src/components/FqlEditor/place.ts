/** What somebody is about to write at the end of an unfinished expression. Pure: text in, place out. */

export type Place =
  /** A path, a function or a value begins; `written` so far, segments of it unescaped, the last one unfinished. */
  | { kind: "operand"; from: number; segments: string[] }
  /** Something that is compared with the member at this path. `isQuoted`: within a string. */
  | { kind: "value"; from: number; path: string[]; written: string; isQuoted: boolean }
  /** A comparison, or `and` and `or`, after an operand. */
  | { kind: "operator"; from: number; written: string; isCompared: boolean };

interface Token {
  kind: "path" | "text" | "number" | "sign" | "open";
  text: string;
  from: number;
  to: number;
}

const SPACE = /[ \t\n]+/y;
const TEXT = /"[^"]*"|'[^']*'/y;
const OPEN = /"[^"]*$|'[^']*$/y;
const NUMBER = /[+-]?\d+(?:\.\d*)?/y;
const PATH = /(?:[a-zA-Z_]|\\.)(?:[a-zA-Z0-9_-]|\\.)*(?:\.(?:(?:[a-zA-Z_]|\\.)(?:[a-zA-Z0-9_-]|\\.)*)?)*/sy;
const SIGN = /!=|>=|<=|[=<>!(),[\]]/y;

const COMPARED = new Set(["=", "!=", ">", ">=", "<", "<=", "in"]);
const JOINED = new Set(["and", "or"]);

export function placeAt(text: string): Place | null {
  const tokens = tokensOf(text);
  if (tokens === null) return null;
  const last = tokens.at(-1);
  const touches = last !== undefined && last.to === text.length;
  if (last?.kind === "open")
    return valueOr(null, tokens.slice(0, -1), last.from + 1, last.text.slice(1), true);
  if (touches && last.kind === "path" && !isOperator(tokens, tokens.length - 1)) {
    const before = tokens.slice(0, -1);
    const segments = segmentsOf(last.text);
    const operand: Place = { kind: "operand", from: last.from, segments };
    if (wantsOperator(before)) return operatorAfter(before, last.from, last.text);
    return segments.length > 1 ? operand : valueOr(operand, before, last.from, last.text, false);
  }
  if (touches && last.kind !== "sign") return null;
  if (wantsOperator(tokens)) return operatorAfter(tokens, text.length, "");
  if (touches && last.kind === "path") return null;
  return valueOr({ kind: "operand", from: text.length, segments: [""] }, tokens, text.length, "", false);
}

/** The event names that an expression asks for: their properties are the ones to propose. */
export function eventsAskedFor(text: string): string[] {
  const found = text.matchAll(/(?<![\w.\\])event\s*=\s*(?:"([^"]*)"|'([^']*)')/g);
  return [...new Set([...found].map((match) => match[1] ?? match[2] ?? ""))].filter(Boolean);
}

/** `properties.product\ 1` → `["properties", "product 1"]`. */
export function segmentsOf(path: string): string[] {
  const segments = [""];
  for (const [part] of path.matchAll(/\\.|\.|[^\\.]+/gsu)) {
    if (part === ".") segments.push("");
    else segments.push(`${segments.pop()}${part.replace(/^\\/, "")}`);
  }
  return segments;
}

/** What is compared when a comparison stands before this place; else `other`. */
function valueOr(
  other: Place | null,
  before: Token[],
  from: number,
  written: string,
  isQuoted: boolean,
): Place | null {
  const path = comparedPath(before);
  return path ? { kind: "value", from, path, written, isQuoted } : other;
}

/** The path on the left: of `path =`, of `path in ["a",` and of `contains(path,`. */
function comparedPath(tokens: Token[]): string[] | null {
  let at = tokens.length - 1;
  if (tokens[at]?.text === "," && tokens[at - 1]?.kind === "path" && tokens[at - 2]?.text === "(") {
    const called = tokens[at - 3]?.text;
    return called === "contains" || called === "match" ? segmentsOf((tokens[at - 1] as Token).text) : null;
  }
  if (tokens[at]?.text === "," || tokens[at]?.text === "[") {
    while (at >= 0 && tokens[at]?.text !== "[") at -= 1;
    at -= 1;
    if (tokens[at]?.text !== "in") return null;
  }
  const operator = tokens[at];
  const left = tokens[at - 1];
  if (!operator || !COMPARED.has(operator.text) || left?.kind !== "path") return null;
  return segmentsOf(left.text);
}

/** Whether an operand is complete before this place. */
function wantsOperator(tokens: Token[]): boolean {
  const last = tokens.at(-1);
  if (!last) return false;
  if (last.kind === "text" || last.kind === "number") return !isInList(tokens);
  if (last.kind === "path") return !isOperator(tokens, tokens.length - 1) && !isInList(tokens);
  return last.text === ")" || last.text === "]";
}

function operatorAfter(tokens: Token[], from: number, written: string): Place {
  // A comparison stands right before the operand that ended, which may be in parentheses or a list.
  let depth = 0;
  let isCompared = false;
  for (let at = tokens.length - 1; at >= 0; at -= 1) {
    const { text } = tokens[at] as Token;
    if (text === ")" || text === "]") depth += 1;
    else if (text === "(" || text === "[") {
      if (depth === 0) break;
      depth -= 1;
    } else if (depth === 0 && JOINED.has(text) && isOperator(tokens, at)) break;
    else if (depth === 0 && COMPARED.has(text)) isCompared = true;
  }
  return { kind: "operator", from, written, isCompared };
}

/** Within `[…]` or the arguments of a function a comma follows, no operator worth proposing. */
function isInList(tokens: Token[]): boolean {
  let depth = 0;
  for (let at = tokens.length - 1; at >= 0; at -= 1) {
    const { text } = tokens[at] as Token;
    if (text === "]" || text === ")") depth += 1;
    if (text === "[" && depth-- === 0) return true;
    if (text === "(" && depth-- === 0) {
      const before = tokens[at - 1];
      return before?.kind === "path" && !isOperator(tokens, at - 1);
    }
  }
  return false;
}

/** `and`, `or` and `in` are words of the language where an operand stands before them. */
function isOperator(tokens: Token[], index: number): boolean {
  const { text } = tokens[index] as Token;
  if (!JOINED.has(text) && text !== "in") return false;
  const before = tokens[index - 1];
  if (!before) return false;
  return before.kind !== "sign" ? !isOperator(tokens, index - 1) : before.text === ")" || before.text === "]";
}

/** null: there is something that FQL does not know. */
function tokensOf(text: string): Token[] | null {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp) => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  while (at < text.length) {
    const space = take(SPACE);
    if (space) {
      at += space.length;
      continue;
    }
    const found =
      as("text", take(TEXT)) ??
      as("open", take(OPEN)) ??
      as("number", take(NUMBER)) ??
      as("path", take(PATH)) ??
      as("sign", take(SIGN));
    if (!found) return null;
    tokens.push({ ...found, from: at, to: at + found.text.length });
    at += found.text.length;
  }
  return tokens;
}

function as(kind: Token["kind"], text: string | undefined): Pick<Token, "kind" | "text"> | null {
  return text ? { kind, text } : null;
}
