/** Where each node stands in the JSON, so that a mistake that the API tells by its path is shown at its node. */

import { childrenOf } from "./edit";
import type { AnyNode } from "./nodes";

export interface Mistake {
  path: string;
  message: string;
}

/** Id → path, as in `where.all[0].where`. */
export function placesOf(root: AnyNode, at: string): Map<string, string> {
  const places = new Map<string, string>();
  walk(root, at);
  return places;

  function walk(node: AnyNode, path: string): void {
    places.set(node.id, path);
    childrenOf(node).forEach((child, index) => {
      walk(child, joined(path, stepTo(node, index)));
    });
  }
}

/** Id → its mistakes: each belongs to the innermost node around it. Those of no node are under "". */
export function mistakesByNode(
  root: AnyNode,
  at: string,
  mistakes: readonly Mistake[],
): Map<string, Mistake[]> {
  const places = [...placesOf(root, at)].sort(([, one], [, other]) => other.length - one.length);
  const found = new Map<string, Mistake[]>();
  for (const mistake of mistakes) {
    const [id] = places.find(([, path]) => isInside(mistake.path, path)) ?? [""];
    found.set(id, [...(found.get(id) ?? []), mistake]);
  }
  return found;
}

function stepTo(node: AnyNode, index: number): string {
  switch (node.kind) {
    case "group":
      return `${node.join}[${index}]`;
    case "sequence":
      return `sequence[${index}]`;
    case "not":
      return "not";
    case "users":
      return `users.${node.quantifier}`;
    case "followed":
      return "followed_by.where";
    default:
      return "where";
  }
}

function joined(path: string, step: string): string {
  return path ? `${path}.${step}` : step;
}

function isInside(path: string, around: string): boolean {
  if (around === "") return true;
  return path === around || path.startsWith(`${around}.`) || path.startsWith(`${around}[`);
}
