import { expect, test } from "vitest";
import type { EventMark, IdentityGraph, IdNode, ProfileNode } from "~/api/schema";
import { type Box, curve, fitting, layoutList, layoutTree, neighbour } from "./layout";

function event(message_id: string): EventMark {
  return { message_id, at: "2026-01-01T00:00:00.000Z", source: "web", type: "track", name: "Sign In" };
}

function profile(segment_id: string, into?: string): ProfileNode {
  const merged = into
    ? { into, event: event(`m-${segment_id}`), ids: [], other_ids: [], can_undo: true }
    : null;
  return { segment_id, is_root: !into, began: event(`b-${segment_id}`), merged };
}

function id(value: string, through: string): IdNode {
  return { type: "user_id", value, profile: through, event: event(`i-${value}`), quarantined: false };
}

function graph(profiles: ProfileNode[], ids: IdNode[]): IdentityGraph {
  return {
    segment_id: profiles[0]?.segment_id ?? "",
    name: "",
    profiles,
    profiles_more: 0,
    ids,
    ids_more: 0,
    refusals: [],
    refusals_more: 0,
    undone: [],
    suspects: [],
    links: [],
    log_complete: true,
  };
}

/** root ← (a, b, p1 ← (c, p2 ← (d))) */
const FAMILY = graph(
  [profile("root"), profile("p1", "root"), profile("p2", "p1")],
  [id("a", "root"), id("b", "root"), id("c", "p1"), id("d", "p2")],
);

function overlap(one: Box, other: Box): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

test.each([
  ["tree", layoutTree(FAMILY)],
  ["list", layoutList(FAMILY, 340)],
])("a %s has every node once, within its bounds, and none over another", (_, picture) => {
  expect(picture.nodes.map((node) => node.key).sort()).toEqual(
    ["root", "p1", "p2", "user_id:a", "user_id:b", "user_id:c", "user_id:d"].sort(),
  );
  for (const node of picture.nodes) {
    expect(node.x).toBeGreaterThanOrEqual(0);
    expect(node.y).toBeGreaterThanOrEqual(0);
    expect(node.x + node.width).toBeLessThanOrEqual(picture.width);
    expect(node.y + node.height).toBeLessThanOrEqual(picture.height);
    for (const other of picture.nodes) if (other !== node) expect(overlap(node, other)).toBe(false);
  }
});

test("every node but the root has an edge from what it hangs on, with the event that tied it", () => {
  const { edges } = layoutTree(FAMILY);
  expect(edges.map((edge) => [edge.key, edge.event.message_id, edge.isMerge])).toEqual([
    ["root user_id:a", "i-a", false],
    ["root user_id:b", "i-b", false],
    ["root p1", "m-p1", true],
    ["p1 user_id:c", "i-c", false],
    ["p1 p2", "m-p2", true],
    ["p2 user_id:d", "i-d", false],
  ]);
});

test("a label stands between the columns, over no node", () => {
  const { nodes, edges } = layoutTree(FAMILY);
  for (const { label } of edges) {
    if (!label) throw new Error("there is room for every label");
    const box = { x: label.x, y: label.y - 16, width: label.width, height: 16 };
    for (const node of nodes) expect(overlap(box, node)).toBe(false);
  }
});

test("the same graph gives the same picture", () => {
  expect(layoutTree(structuredClone(FAMILY))).toEqual(layoutTree(FAMILY));
});

test("a profile stands in the middle of what hangs on it", () => {
  const { nodes } = layoutTree(graph([profile("root")], [id("a", "root"), id("b", "root"), id("c", "root")]));
  const [root, , second] = nodes;
  expect((root?.y ?? 0) + 26).toBe((second?.y ?? 0) + 22);
});

test("what came through a profile that is not drawn hangs on the root", () => {
  const { nodes } = layoutTree(graph([profile("root"), profile("p1", "gone")], [id("a", "gone")]));
  expect(nodes.map((node) => [node.key, node.parent])).toEqual([
    ["root", null],
    ["user_id:a", "root"],
    ["p1", "root"],
  ]);
});

test("a graph with nothing is a picture of nothing", () => {
  expect(layoutTree(graph([], []))).toEqual({ nodes: [], edges: [], width: 0, height: 0 });
});

test("arrows lead along the tree and down the picture", () => {
  const picture = layoutTree(FAMILY);
  expect(neighbour(picture, "root", "ArrowRight")).toBe("user_id:a");
  expect(neighbour(picture, "user_id:d", "ArrowLeft")).toBe("p2");
  expect(neighbour(picture, "user_id:a", "ArrowDown")).toBe("user_id:b");
  expect(neighbour(picture, "user_id:a", "ArrowUp")).toBeNull();
  expect(neighbour(picture, "user_id:a", "ArrowRight")).toBeNull();
  expect(neighbour(picture, "root", "x")).toBeNull();
});

test("a curve begins at the one and ends at the other", () => {
  const [edge] = layoutTree(FAMILY).edges;
  if (!edge) throw new Error("there is an edge");
  expect(curve(edge)).toMatch(new RegExp(`^M ${edge.from.x + edge.from.width} .* H ${edge.to.x}$`));
});

test("text is cut to what fits", () => {
  expect(fitting("ann@example.com", 200)).toBe("ann@example.com");
  expect(fitting("ann@example.com", 56)).toBe("ann@exa…");
});
