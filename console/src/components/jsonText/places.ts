/** Where a path is in a JSON text: for mistakes that stand at their places. */

import { jsonLanguage } from "@codemirror/lang-json";

export interface Range {
  from: number;
  to: number;
}

type Node = ReturnType<typeof jsonLanguage.parser.parse>["topNode"];

/**
 * `properties.products.0.sku` → its value; what is not there: the name of the member around it. A name may hold dots:
 * at each step the longest one that fits is taken.
 */
export function placeOf(text: string, path: string): Range {
  const top = jsonLanguage.parser.parse(text).topNode.firstChild;
  if (!top) return { from: 0, to: text.length };
  let value: Node = top;
  let shown: Range = { from: value.from, to: Math.min(value.from + 1, value.to) };
  let rest = path;
  while (rest) {
    const found = member(text, value, rest);
    if (!found) return shown;
    rest = rest.slice(found.length + 1);
    value = found.value;
    shown = rest ? found.name : rangeOf(value);
  }
  return path ? shown : rangeOf(top);
}

interface Found {
  value: Node;
  name: Range;
  /** Characters of the path that are used up. */
  length: number;
}

function member(text: string, node: Node, path: string): Found | undefined {
  const fitting = [...members(text, node)].filter(
    ({ key }) => key !== "" && (path === key || path.startsWith(`${key}.`)),
  );
  const best = fitting.sort((a, b) => b.key.length - a.key.length)[0];
  return best && { value: best.value, name: best.name, length: best.key.length };
}

function* members(text: string, node: Node): Generator<{ key: string; value: Node; name: Range }> {
  if (node.name === "Array") {
    let index = 0;
    for (let item = node.firstChild; item; item = item.nextSibling) {
      if (item.type.isError || "[],".includes(item.name)) continue;
      yield { key: String(index), value: item, name: rangeOf(item) };
      index += 1;
    }
    return;
  }
  for (const property of node.getChildren("Property")) {
    const name = property.getChild("PropertyName");
    const value = property.lastChild;
    if (name && value && value.from !== name.from)
      yield { key: JSON.parse(text.slice(name.from, name.to)) as string, value, name: rangeOf(name) };
  }
}

function rangeOf({ from, to }: Node): Range {
  return { from, to };
}
