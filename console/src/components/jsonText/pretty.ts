/**
 * JSON indented without being decoded: numbers keep all their digits, members their order, and a text that is no JSON
 * is as it was.
 */

const TOKEN = /"(?:\\.|[^"\\])*"|[{}[\],:]|[^\s{}[\],:"]+/g;

export function pretty(text: string): string {
  if (!isJson(text)) return text;
  const tokens = text.match(TOKEN) ?? [];
  let depth = 0;
  let written = "";
  for (const [at, token] of tokens.entries()) {
    const next = tokens[at + 1];
    if (token === "{" || token === "[") {
      const isEmpty = next === "}" || next === "]";
      if (!isEmpty) depth += 1;
      written += isEmpty ? token : `${token}\n${"  ".repeat(depth)}`;
    } else if (token === "}" || token === "]") {
      const isEmpty = tokens[at - 1] === "{" || tokens[at - 1] === "[";
      if (!isEmpty) depth -= 1;
      written += isEmpty ? token : `\n${"  ".repeat(depth)}${token}`;
    } else if (token === ",") {
      written += `,\n${"  ".repeat(depth)}`;
    } else {
      written += token === ":" ? ": " : token;
    }
  }
  return written;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
