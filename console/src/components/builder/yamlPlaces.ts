/** Where in a YAML text something stands that is known by its path: `where.all[0].count.value`. */

import { yamlLanguage } from "@codemirror/lang-yaml";
import type { SyntaxNode } from "@lezer/common";

export interface Range {
  from: number;
  to: number;
}

/** The value at the path; of a path that leads nowhere, how far it leads. */
export function placeOf(text: string, path: string): Range {
  let node: SyntaxNode | null = yamlLanguage.parser.parse(text).topNode.getChild("Document");
  let found: Range = { from: 0, to: Math.max(1, text.split("\n", 1)[0]?.length ?? 1) };
  for (const step of stepsOf(path)) {
    const next: SyntaxNode | null = node && inside(node, step, text);
    if (!next) break;
    found = trimmed(text, next);
    node = next;
  }
  return found;
}

/** All of a line, counted from 1. */
export function lineOf(text: string, line: number): Range {
  const lines = text.split("\n");
  const at = Math.min(Math.max(line, 1), lines.length) - 1;
  const from = lines.slice(0, at).reduce((sum, each) => sum + each.length + 1, 0);
  return { from, to: from + Math.max(1, lines[at]?.length ?? 0) };
}

function stepsOf(path: string): (string | number)[] {
  return [...path.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([name, index]) =>
    index === undefined ? name : Number(index),
  );
}

function inside(node: SyntaxNode, step: string | number, text: string): SyntaxNode | null {
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if (["BlockMapping", "FlowMapping"].includes(child.name) && typeof step === "string")
      return pairOf(child, step, text);
    if (["BlockSequence", "FlowSequence"].includes(child.name) && typeof step === "number")
      return child.getChildren("Item")[step] ?? null;
  }
  return null;
}

function pairOf(mapping: SyntaxNode, key: string, text: string): SyntaxNode | null {
  const isKey = (pair: SyntaxNode) => {
    const name = pair.getChild("Key");
    return name && text.slice(name.from, name.to).replace(/^(['"])(.*)\1$/, "$2") === key;
  };
  return mapping.getChildren("Pair").find(isKey) ?? null;
}

/** Without the white space around it, and of what is long only its first line. */
function trimmed(text: string, { from, to }: SyntaxNode): Range {
  const start = from + (/^\s*/.exec(text.slice(from, to))?.[0].length ?? 0);
  const line = text.slice(start, to).split("\n", 1)[0]?.trimEnd() ?? "";
  return { from: start, to: start + Math.max(1, line.length) };
}
