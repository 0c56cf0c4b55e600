/**
 * Where everything stands in the picture of an identity. It is a tree: the profile as it is now at the root; below
 * each profile the external ids that came in through it, then the profiles that were merged into it. The same graph
 * always gives the same picture.
 *
 * A wide picture grows to the right, a column for each level, and names the event on each edge. A narrow one is a
 * list with a line for each node, indented; there the event stands inside of the node.
 */

import type { EventMark, IdentityGraph, IdNode, ProfileNode } from "~/api/schema";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface DrawnNode extends Box {
  key: string;
  /** Key of the node that it hangs on; null: it is the root. */
  parent: string | null;
  profile?: ProfileNode;
  id?: IdNode;
  /** The event that has tied it to its parent; null: it is the root. */
  event: EventMark | null;
}

export interface Edge {
  key: string;
  from: Box;
  to: Box;
  event: EventMark;
  isMerge: boolean;
  /** Where its label may stand; null: there is no room for one. */
  label: { x: number; y: number; width: number } | null;
}

export interface Picture {
  nodes: DrawnNode[];
  edges: Edge[];
  width: number;
  height: number;
}

interface Branch {
  node: Omit<DrawnNode, keyof Box>;
  children: Branch[];
}

const PROFILE = { width: 156, height: 52 };
const ID = { width: 224, height: 44 };
const GAP_BELOW = 12;
/** Between two columns: room for the curve, and for the name of an event. */
const CURVE = 40;
const LABEL = 116;
const COLUMN = PROFILE.width + CURVE + LABEL;
const MARGIN = 8;

const INDENT = 20;
/** Room for the line around a node. */
const EDGE = 2;
const LINE = 58;

export function keyOfId(id: { type: string; value: string }): string {
  return `${id.type}:${id.value}`;
}

export function layoutTree(graph: IdentityGraph): Picture {
  const nodes: DrawnNode[] = [];
  let below = MARGIN;

  /** Places a branch; children first, for a profile stands in the middle of them. */
  function place(branch: Branch, depth: number): DrawnNode {
    const size = branch.node.profile ? PROFILE : ID;
    const at = nodes.push({ ...branch.node, ...size, x: MARGIN + depth * COLUMN, y: 0 }) - 1;
    const children = branch.children.map((child) => place(child, depth + 1));
    const node = nodes[at] as DrawnNode;
    const first = children[0];
    const last = children.at(-1);
    if (first && last) {
      node.y = (middle(first) + middle(last)) / 2 - size.height / 2;
    } else {
      node.y = below;
      below += size.height + GAP_BELOW;
    }
    return node;
  }

  const root = treeOf(graph);
  if (!root) return { nodes: [], edges: [], width: 0, height: 0 };
  place(root, 0);
  const lowest = Math.min(...nodes.map((node) => node.y));
  // A profile with one id is higher than it: it must not stand out at the top.
  for (const node of nodes) node.y += MARGIN - lowest;
  return {
    nodes,
    edges: edgesOf(nodes, true),
    width: Math.max(...nodes.map((node) => node.x + node.width)) + MARGIN,
    height: Math.max(...nodes.map((node) => node.y + node.height)) + MARGIN,
  };
}

export function layoutList(graph: IdentityGraph, width: number): Picture {
  const nodes: DrawnNode[] = [];

  function place(branch: Branch, depth: number): void {
    const x = EDGE + depth * INDENT;
    nodes.push({
      ...branch.node,
      x,
      y: EDGE + nodes.length * LINE,
      width: Math.max(width - x - EDGE, 120),
      height: LINE - 8,
    });
    for (const child of branch.children) place(child, depth + 1);
  }

  const root = treeOf(graph);
  if (root) place(root, 0);
  return { nodes, edges: edgesOf(nodes, false), width, height: EDGE + nodes.length * LINE };
}

/** Ids of each profile in the order of the graph, then the profiles merged into it in the order of the merges. */
function treeOf(graph: IdentityGraph): Branch | null {
  const [root, ...merged] = graph.profiles;
  if (!root) return null;
  const drawn = new Set(graph.profiles.map((profile) => profile.segment_id));

  function branchOf(profile: ProfileNode, parent: string | null): Branch {
    const key = profile.segment_id;
    const ids = graph.ids.filter((id) => homeOf(id.profile) === key);
    const parts = merged.filter(
      (part) => part.merged && homeOf(part.merged.into) === key && part !== profile,
    );
    return {
      node: { key, parent, profile, event: profile.merged?.event ?? null },
      children: [
        ...ids.map((id) => ({
          node: { key: keyOfId(id), parent: key, id, event: id.event },
          children: [],
        })),
        ...parts.map((part) => branchOf(part, key)),
      ],
    };
  }

  /** What came through a profile that is not drawn hangs on the root. */
  function homeOf(profile: string): string {
    return drawn.has(profile) ? profile : (root as ProfileNode).segment_id;
  }

  return branchOf(root, null);
}

function edgesOf(nodes: DrawnNode[], isLabelled: boolean): Edge[] {
  const byKey = new Map(nodes.map((node) => [node.key, node]));
  return nodes.flatMap((node) => {
    const parent = node.parent === null ? undefined : byKey.get(node.parent);
    if (!parent || !node.event) return [];
    return [
      {
        key: `${parent.key} ${node.key}`,
        from: parent,
        to: node,
        event: node.event,
        isMerge: node.profile !== undefined,
        label: isLabelled ? { x: node.x - LABEL, y: middle(node), width: LABEL } : null,
      },
    ];
  });
}

export function middle(box: Box): number {
  return box.y + box.height / 2;
}

/** The line of an edge in a wide picture: a curve out of the one, then straight to the other. */
export function curve({ from, to }: Edge): string {
  const [startX, startY, endY] = [from.x + from.width, middle(from), middle(to)];
  const bend = startX + CURVE;
  return `M ${startX} ${startY} C ${bend} ${startY} ${startX} ${endY} ${bend} ${endY} H ${to.x}`;
}

/** The same in a list: down from the one, then right to the other. */
export function elbow({ from, to }: Edge): string {
  const x = from.x + INDENT / 2;
  return `M ${x} ${from.y + from.height} V ${middle(to)} H ${to.x}`;
}

/** The node to go to with an arrow key; null: there is none that way. */
export function neighbour(picture: Picture, key: string, arrow: string): string | null {
  const at = picture.nodes.findIndex((node) => node.key === key);
  const node = picture.nodes[at];
  if (!node) return null;
  const inOrder = [...picture.nodes].sort((one, other) => one.y - other.y || one.x - other.x);
  const place = inOrder.indexOf(node);
  switch (arrow) {
    case "ArrowUp":
      return inOrder[place - 1]?.key ?? null;
    case "ArrowDown":
      return inOrder[place + 1]?.key ?? null;
    case "ArrowLeft":
      return node.parent;
    case "ArrowRight":
      return picture.nodes.find((each) => each.parent === key)?.key ?? null;
    default:
      return null;
  }
}

/** Cut to what fits, in letters of about this width. */
export function fitting(text: string, width: number, letter = 7): string {
  const most = Math.max(3, Math.floor(width / letter));
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
