/** The words of FQL, as docs/reference/fql.md has them. */

export interface FqlFunction {
  name: string;
  takes: string;
  gives: string;
}

export const FUNCTIONS: readonly FqlFunction[] = [
  { name: "contains", takes: "text, part", gives: "whether the part occurs in the text" },
  { name: "match", takes: "text, pattern", gives: "whether the text fits a pattern with * and ?" },
  { name: "length", takes: "value", gives: "items of a list, or bytes of a text" },
  { name: "lowercase", takes: "text", gives: "the text in lower case" },
  { name: "uppercase", takes: "text", gives: "the text in upper case" },
  { name: "snakecase", takes: "text", gives: "the text with _ for spaces" },
  { name: "kebabcase", takes: "text", gives: "the text with - for spaces" },
  { name: "titlecase", takes: "text", gives: "the text with a capital for each word" },
  { name: "typeof", takes: "value", gives: '"string", "number", "bool", "null", "list" or "object"' },
  { name: "bool", takes: "value", gives: "true or false of a text or number" },
  { name: "number", takes: "value", gives: "the number in a text" },
  { name: "string", takes: "value", gives: "a number or bool as text" },
];

export interface FqlOperator {
  sign: string;
  means: string;
}

export const COMPARISONS: readonly FqlOperator[] = [
  { sign: "=", means: "is" },
  { sign: "!=", means: "is not" },
  { sign: ">", means: "is greater than" },
  { sign: ">=", means: "is at least" },
  { sign: "<", means: "is less than" },
  { sign: "<=", means: "is at most" },
  { sign: "in", means: "is one of a list" },
];

export const JOINTS: readonly FqlOperator[] = [
  { sign: "and", means: "both hold" },
  { sign: "or", means: "one of them holds" },
];

export const CONSTANTS = ["true", "false", "null"] as const;

/** The values of `type`. */
export const CALLS = ["track", "identify", "page", "screen", "group", "alias"] as const;

interface Root {
  path: string;
  is: string;
  /** A trigger may look at it. */
  inTrigger: boolean;
}

/** Where a path begins. Those that end in a dot are objects. */
export const ROOTS: readonly Root[] = [
  { path: "event", is: "name of a track event", inTrigger: true },
  { path: "type", is: "track, identify, page, …", inTrigger: true },
  { path: "properties.", is: "what was sent with the event", inTrigger: true },
  { path: "traits.", is: "of an identify or group call", inTrigger: true },
  { path: "context.", is: "page, device, campaign, consent", inTrigger: true },
  { path: "userId", is: "who is signed in", inTrigger: true },
  { path: "name", is: "of a page or screen", inTrigger: true },
  { path: "anonymousId", is: "who is not (yet) signed in", inTrigger: false },
  { path: "groupId", is: "the account of a group call", inTrigger: false },
  { path: "messageId", is: "of the event itself", inTrigger: false },
  { path: "receivedAt", is: "when it arrived, ISO 8601", inTrigger: false },
  { path: "timestamp", is: "when it happened, ISO 8601", inTrigger: false },
];

/** One segment of a path as FQL writes it: `product 1` is `product\ 1`. */
export function escaped(segment: string): string {
  const written = segment.replace(/[^\p{ASCII}]|[^a-zA-Z0-9_-]/gu, (character) => `\\${character}`);
  return /^[0-9-]/.test(written) ? `\\${written}` : written;
}

/** A text as FQL writes it; null when it holds both kinds of quotes, which no FQL text can. */
export function quoted(text: string): string | null {
  if (!text.includes('"')) return `"${text}"`;
  return text.includes("'") ? null : `'${text}'`;
}
