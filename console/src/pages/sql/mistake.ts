/** Where DuckDB says that a statement is wrong. */

import type { Mark } from "~/components/codemirror/Editor";

/** `LINE 2: …text around it…` and a caret under the place, at the end of a message. */
const POINTED = /\n\s*\nLINE (\d+): (.*)\n( *)\^/;

/** What is wrong in a line, and its place in the statement when the message has one. */
export function mistakeOf(sql: string, message: string): { said: string; mark?: Mark } {
  const pointed = POINTED.exec(message);
  const said = (pointed ? message.slice(0, pointed.index) : message).trim();
  if (!pointed) return { said };
  const [, number = "1", shown = "", before = ""] = pointed;
  const lines = sql.split("\n");
  const line = lines[Number(number) - 1];
  if (line === undefined) return { said };
  const start = lines.slice(0, Number(number) - 1).reduce((sum, each) => sum + each.length + 1, 0);
  // Long lines are shown in part, with dots for what is left out.
  const lead = shown.startsWith("...") ? 3 : 0;
  const part = shown.slice(lead).replace(/\.\.\.$/, "");
  const column = Math.max(0, line.indexOf(part)) + before.length - `LINE ${number}: `.length - lead;
  const from = start + Math.min(Math.max(0, column), line.length);
  const word = /^(?:\w+|.)/.exec(sql.slice(from))?.[0] ?? "";
  return { said, mark: { from, to: from + Math.max(1, word.length), message: said } };
}
