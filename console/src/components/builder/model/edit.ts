/**
 * Changes of a tree, each giving a new one: what is not changed is shared. Nodes are named by their ids; an id that
 * is not there changes nothing.
 */

import {
  type AnyNode,
  type Condition,
  freshId,
  type Group,
  type Predicate,
  type SequenceCondition,
} from "./nodes";

export type Direction = "up" | "down" | "in" | "out";

/** A node that has its children in an order that one can change. */
type AnyGroup = Group<Condition> | Group<Predicate>;
type Listing = AnyGroup | SequenceCondition;

export function childrenOf(node: AnyNode): AnyNode[] {
  switch (node.kind) {
    case "group":
      return node.items;
    case "sequence":
      return node.steps;
    case "not":
    case "users":
      return [node.item];
    case "event":
    case "step":
    case "followed":
    case "computation":
      return node.where ? [node.where] : [];
    default:
      return [];
  }
}

/** The node with other children: of a list any number, of the others one, or none where that means something. */
function withChildren(node: AnyNode, children: AnyNode[]): AnyNode | null {
  const [only] = children;
  switch (node.kind) {
    case "group":
      return { ...node, items: children } as AnyNode;
    case "sequence":
      return { ...node, steps: children } as SequenceCondition;
    case "not":
      return only ? ({ ...node, item: only } as AnyNode) : null;
    case "users":
      return { ...node, item: (only as Condition) ?? emptyGroup() };
    default: {
      const { where: _, ...rest } = node as AnyNode & { where?: AnyNode };
      return (only ? { ...rest, where: only } : rest) as AnyNode;
    }
  }
}

/** Puts something else, or nothing, in the place of one node. */
function replaced(node: AnyNode, id: string, by: (node: AnyNode) => AnyNode[]): AnyNode[] {
  if (node.id === id) return by(node);
  const children = childrenOf(node);
  const after = children.flatMap((child) => replaced(child, id, by));
  if (after.length === children.length && after.every((child, index) => child === children[index]))
    return [node];
  const made = withChildren(node, after);
  return made ? [made] : [];
}

function rewritten<Root extends AnyNode>(
  root: Root,
  id: string,
  by: (node: AnyNode) => AnyNode[],
): Root | null {
  const [made] = replaced(root, id, by);
  return (made as Root | undefined) ?? null;
}

export function update<Root extends AnyNode>(
  root: Root,
  id: string,
  change: (node: AnyNode) => AnyNode,
): Root {
  return rewritten(root, id, (node) => [change(node)]) ?? root;
}

/** Null: it was the root. */
export function remove<Root extends AnyNode>(root: Root, id: string): Root | null {
  return rewritten(root, id, () => []);
}

/** A copy after it; where there is no list, a group of the two. */
export function duplicate<Root extends AnyNode>(root: Root, id: string): Root {
  const found = find(root, id);
  if (!found) return root;
  if (isListing(parentOf(root, id))) return rewritten(root, id, (node) => [node, copy(node)]) ?? root;
  return update(
    root,
    id,
    (node) => ({ id: freshId(), kind: "group", join: "all", items: [node, copy(node)] }) as AnyNode,
  );
}

/** At the end of a list. */
export function append<Root extends AnyNode>(root: Root, listId: string, node: AnyNode): Root {
  return update(root, listId, (found) => withChildren(found, [...childrenOf(found), node]) ?? found);
}

/** To a group; of another node, and of a `where` that is not there yet, a group comes of it. */
export function add<Root extends AnyNode>(root: Root, id: string, node: AnyNode): Root {
  const found = find(root, id);
  if (found?.kind === "group") return append(root, id, node);
  return update(
    root,
    id,
    (one) => ({ id: freshId(), kind: "group", join: "all", items: [one, node] }) as AnyNode,
  );
}

/** Of everybody that the whole is true of, without those that this is true of. */
export function exclude<Root extends AnyNode>(root: Root, node: AnyNode): Root {
  const negation = { id: freshId(), kind: "not", item: node } as AnyNode;
  if (root.kind === "group" && (root.join === "all" || root.items.length === 0))
    return { ...root, join: "all", items: [...root.items, negation] } as Root;
  return { id: freshId(), kind: "group", join: "all", items: [root, negation] } as AnyNode as Root;
}

/** Puts a group around it. */
export function wrap<Root extends AnyNode>(root: Root, id: string, join: "all" | "any"): Root {
  return update(root, id, (node) => ({ id: freshId(), kind: "group", join, items: [node] }) as AnyNode);
}

/** Puts the items of a group in its own place; one that is no item of a list keeps what has several. */
export function unwrap<Root extends AnyNode>(root: Root, id: string): Root {
  const node = find(root, id);
  const parent = parentOf(root, id);
  if (node?.kind !== "group" || !(node.items.length === 1 || isListing(parent))) return root;
  return rewritten(root, id, () => node.items) ?? root;
}

/** Turns it around: puts a `not` around it, or takes away the one there is. */
export function negate<Root extends AnyNode>(root: Root, id: string): Root {
  const parent = parentOf(root, id);
  if (parent?.kind === "not") return update(root, parent.id, () => parent.item);
  return update(root, id, (node) => ({ id: freshId(), kind: "not", item: node }) as AnyNode);
}

/**
 * Up and down: among its neighbours. In: to the end of the group before it, or the start of the one after it. Out:
 * behind the group it is in, which goes away when nothing is left in it.
 */
export function move<Root extends AnyNode>(root: Root, id: string, direction: Direction): Root {
  const listing = parentOf(root, id);
  if (!isListing(listing)) return root;
  const items = childrenOf(listing);
  const index = items.findIndex((item) => item.id === id);
  const item = items[index] as AnyNode;
  const rest = items.filter((other) => other !== item);
  switch (direction) {
    case "up":
    case "down": {
      const target = index + (direction === "up" ? -1 : 1);
      if (target < 0 || target >= items.length) return root;
      return withList(root, listing, rest.toSpliced(target, 0, item));
    }
    case "in": {
      const into = groupBeside(items, index);
      if (!into) return root;
      const inside = childrenOf(into);
      const grown = withChildren(into, items.indexOf(into) < index ? [...inside, item] : [item, ...inside]);
      return withList(
        root,
        listing,
        rest.map((other) => (other === into ? (grown as AnyNode) : other)),
      );
    }
    case "out": {
      const outer = outerOf(root, listing);
      if (!outer) return root;
      const siblings = childrenOf(outer.list).flatMap((sibling) => {
        if (sibling !== outer.child) return [sibling];
        const emptied = rest.length > 0 ? replaced(sibling, listing.id, () => listWith(listing, rest)) : [];
        return [...emptied, item];
      });
      return withList(root, outer.list, siblings);
    }
  }
}

/** What `move` would do something for. */
export function movesOf(root: AnyNode, id: string): Direction[] {
  const listing = parentOf(root, id);
  if (!isListing(listing)) return [];
  const items = childrenOf(listing);
  const index = items.findIndex((item) => item.id === id);
  const moves: Direction[] = [];
  if (index > 0) moves.push("up");
  if (index < items.length - 1) moves.push("down");
  if (groupBeside(items, index)) moves.push("in");
  if (outerOf(root, listing)) moves.push("out");
  return moves;
}

export function find(root: AnyNode, id: string): AnyNode | undefined {
  if (root.id === id) return root;
  for (const child of childrenOf(root)) {
    const found = find(child, id);
    if (found) return found;
  }
  return undefined;
}

export function parentOf(root: AnyNode, id: string): AnyNode | undefined {
  for (const child of childrenOf(root)) {
    if (child.id === id) return root;
    const found = parentOf(child, id);
    if (found) return found;
  }
  return undefined;
}

export function emptyGroup(join: "all" | "any" = "all"): Group<Condition> {
  return { id: freshId(), kind: "group", join, items: [] };
}

/** The same with new ids. */
function copy(node: AnyNode): AnyNode {
  return { ...(withChildren(node, childrenOf(node).map(copy)) ?? node), id: freshId() } as AnyNode;
}

function isListing(node: AnyNode | undefined): node is Listing {
  return node?.kind === "group" || node?.kind === "sequence";
}

function listWith(listing: Listing, items: AnyNode[]): AnyNode[] {
  const made = withChildren(listing, items);
  return made ? [made] : [];
}

function withList<Root extends AnyNode>(root: Root, listing: Listing, items: AnyNode[]): Root {
  return rewritten(root, listing.id, () => listWith(listing, items)) ?? root;
}

/** The group that an item can go into: the one before it, else the one after it. Steps are of their own kind. */
function groupBeside(items: AnyNode[], index: number): AnyGroup | undefined {
  return [items[index - 1], items[index + 1]].find((beside) => beside?.kind === "group") as
    | AnyGroup
    | undefined;
}

/** The nearest group around a group, and its child that holds it; not across events, whose `where` is another matter. */
function outerOf(root: AnyNode, listing: Listing): { list: Listing; child: AnyNode } | undefined {
  if (listing.kind === "sequence") return undefined;
  let child: AnyNode = listing;
  for (let up = parentOf(root, child.id); up; up = parentOf(root, child.id)) {
    if (up.kind === "group") return { list: up, child };
    if (up.kind !== "not") return undefined;
    child = up;
  }
  return undefined;
}
