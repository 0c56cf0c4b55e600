import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  append,
  childrenOf,
  duplicate,
  exclude,
  find,
  move,
  movesOf,
  negate,
  remove,
  unwrap,
  update,
  wrap,
} from "./edit";
import { gapOf } from "./gaps";
import type { AnyNode, Condition, Group } from "./nodes";
import { splitPath } from "./paths";
import { mistakesByNode } from "./places";
import { readComputation, readCondition } from "./read";
import { computationWords, sentence } from "./words";
import { write } from "./write";

/** Every condition and computation that the reference has a word for. */
const CONDITIONS: unknown[] = [
  { all: [] },
  { any: [{ event: "A" }, { not: { not: { page: true } } }] },
  { event: "Order Completed", where: "properties.total > 50", count: { op: ">=", value: 3 }, within: "30d" },
  { event: true, between: ["7d", "10d"], sum: { property: "total", op: ">", value: 100 } },
  {
    screen: "Home",
    without_sources: ["a", "b"],
    max: { path: "context.x", as_type: "string", op: "exists" },
  },
  { identify: true, most_frequent: { property: "brand", frequency_min: 3, value: "Fjell" } },
  { event: "A", unique_list: { property: "tag", op: "contains", value: ["x", "y"] } },
  { trait: "country", value: "US" },
  { trait: "address.city", op: "in", value: ["Berlin", "Hamburg"] },
  { trait: "score", op: ">", value: { trait: "goal" } },
  { trait: "trial_ends_at", op: "within_next", value: "3d" },
  { computed: "orders", op: "<=", value: 2 },
  { audience: "buyers" },
  {
    sequence: [{ event: "A" }, { event: "B", where: { property: "p", op: ">", value: 1 } }],
    within: "7 days",
  },
  { users: { any: { event: "Report Exported", within: "30d" } } },
  {
    event: "Product Added",
    where: {
      not: {
        followed_by: {
          event: "Order",
          where: { property: "product_id", op: "=", parent: "product_id" },
          within: "3d",
          count: { op: ">=", value: 2 },
        },
      },
    },
  },
  { event: "A", where: { any: [{ path: "timestamp", op: "after", value: "2026-01-01" }, "b = 1"] } },
  { event: "A", where: { trait: "plan", op: "not_exists" } },
];

const COMPUTATIONS: unknown[] = [
  { kind: "event_count", event: "Order" },
  { kind: "sum", event: "Order", property: "total", within: "90d" },
  { kind: "most_frequent", page: true, path: "context.page.url", as_type: "array", frequency_min: 3 },
  { kind: "unique_count", event: "A", property: "b", session: "30m", without_sources: ["x"], where: "a = 1" },
];

/** What no form shows: it must come out as it went in. */
const STRANGE: unknown[] = [
  "trait('orders') >= 3",
  { evnet: "A" },
  { event: "A", count: 3 },
  { event: "A", within: 30 },
  { event: "A", page: "B" },
  { trait: "a", op: "like", value: "x" },
  { trait: "a", value: null },
  { trait: "a", value: [{ trait: "b" }, 3] },
  { all: { event: "A" } },
  { all: [{ event: "A" }], any: [] },
  { event: "A", where: { property: "a", parent: "b", trait: "c" } },
  { users: { some: { event: "A" } } },
  { sequence: [{ event: "A", within: "3d" }, { event: "B" }] },
  null,
  17,
  [],
  {},
];

describe("JSON → tree → JSON", () => {
  it.each([...CONDITIONS, ...STRANGE])("is the same for the condition %j", (value) => {
    expect(write(readCondition(value))).toEqual(value);
  });

  it.each([...COMPUTATIONS, ...STRANGE])("is the same for the computation %j", (value) => {
    expect(write(readComputation(value))).toEqual(value);
  });

  it.each(CONDITIONS)("has a form for %j", (value) => {
    expect(codes(readCondition(value))).toEqual([]);
  });

  it.each(COMPUTATIONS)("has a form for %j", (value) => {
    expect(codes(readComputation(value))).toEqual([]);
  });

  it("is the same for whatever is nested in whatever", () => {
    const random = seeded(20_261);
    for (let round = 0; round < 2_000; round += 1) {
      const value = nested(random, 5);
      expect(write(readCondition(value))).toEqual(value);
    }
  });

  it("keeps what is strange as code, and the rest as a tree", () => {
    const value = { all: [{ event: "A" }, { evnet: "B" }, "trait('x') = 1"] };
    const tree = readCondition(value) as Group<Condition>;
    expect(tree.items.map((item) => item.kind)).toEqual(["event", "code", "code"]);
  });
});

describe("every definition of the fixtures", () => {
  const found = definitionsOfFixtures();

  it("is found", () => {
    expect(found.length).toBeGreaterThan(60);
  });

  it.each(found)("survives: %j", (value) => {
    const read = value && typeof value === "object" && "kind" in value ? readComputation : readCondition;
    expect(write(read(value))).toEqual(value);
  });
});

describe("edits", () => {
  const tree = () =>
    readCondition({ all: [{ event: "A" }, { any: [{ event: "B" }, { event: "C" }] }, { event: "D" }] });
  const json = (node: AnyNode | null) => node && write(node);
  const id = (root: AnyNode, ...path: number[]): string => {
    let node = root;
    for (const index of path) node = childrenOf(node)[index] as AnyNode;
    return node.id;
  };
  const [A, B, C, D] = ["A", "B", "C", "D"].map((event) => ({ event }));

  it("share what they do not change", () => {
    const root = tree() as Group<Condition>;
    const after = update(
      root,
      id(root, 0),
      (node) => ({ ...node, name: "Z" }) as AnyNode,
    ) as Group<Condition>;
    expect(after.items[1]).toBe(root.items[1]);
    expect(json(root)).toEqual({ all: [A, { any: [B, C] }, D] });
  });

  it("change nothing when there is no such node", () => {
    const root = tree();
    expect(update(root, "nobody", () => readCondition({ event: "Z" }))).toBe(root);
    expect(move(root, "nobody", "up")).toBe(root);
  });

  it("move up and down among neighbours", () => {
    const root = tree();
    expect(json(move(root, id(root, 2), "up"))).toEqual({ all: [A, D, { any: [B, C] }] });
    expect(json(move(root, id(root, 0), "down"))).toEqual({ all: [{ any: [B, C] }, A, D] });
    expect(move(root, id(root, 0), "up")).toBe(root);
  });

  it("move into the group beside, and out behind it", () => {
    const root = tree();
    expect(json(move(root, id(root, 0), "in"))).toEqual({ all: [{ any: [A, B, C] }, D] });
    expect(json(move(root, id(root, 2), "in"))).toEqual({ all: [A, { any: [B, C, D] }] });
    expect(json(move(root, id(root, 1, 0), "out"))).toEqual({ all: [A, { any: [C] }, B, D] });
  });

  it("take away the group that is left empty: it would be true of everybody", () => {
    const root = readCondition({ all: [{ not: { any: [{ event: "B" }] } }, { event: "D" }] });
    expect(json(move(root, id(root, 0, 0, 0), "out"))).toEqual({ all: [B, D] });
  });

  it("say which moves there are", () => {
    const root = tree();
    expect(movesOf(root, id(root, 0))).toEqual(["down", "in"]);
    expect(movesOf(root, id(root, 1, 1))).toEqual(["up", "out"]);
    expect(movesOf(root, root.id)).toEqual([]);
  });

  it("remove, also a where and what is negated", () => {
    const root = readCondition({
      all: [{ not: { event: "A" } }, { event: "B", where: { property: "p", value: 1 } }],
    });
    expect(json(remove(root, id(root, 0, 0)))).toEqual({
      all: [{ event: "B", where: { property: "p", value: 1 } }],
    });
    expect(json(remove(root, id(root, 1, 0)))).toEqual({ all: [{ not: A }, B] });
    expect(remove(root, root.id)).toBeNull();
  });

  it("duplicate with ids of its own", () => {
    const root = tree();
    const after = duplicate(root, id(root, 1));
    expect(json(after)).toEqual({ all: [A, { any: [B, C] }, { any: [B, C] }, D] });
    const ids = [...everyNode(after)].map((node) => node.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("duplicate what is in no list into a group of two", () => {
    const root = readCondition({ event: "A", where: { property: "p", value: 1 } });
    const where = { property: "p", value: 1 };
    expect(json(duplicate(root, id(root, 0)))).toEqual({ event: "A", where: { all: [where, where] } });
    expect(json(duplicate(root, root.id))).toEqual({ all: [write(root), write(root)] });
  });

  it("negate and back, wrap and unwrap", () => {
    const root = tree();
    const negated = negate(root, id(root, 0));
    expect(json(negated)).toEqual({ all: [{ not: A }, { any: [B, C] }, D] });
    expect(json(negate(negated, id(negated, 0, 0)))).toEqual(json(root));
    const wrapped = wrap(root, id(root, 0), "any");
    expect(json(wrapped)).toEqual({ all: [{ any: [A] }, { any: [B, C] }, D] });
    expect(json(unwrap(wrapped, id(wrapped, 0)))).toEqual(json(root));
    expect(json(unwrap(root, id(root, 1)))).toEqual({ all: [A, B, C, D] });
  });

  it("append to a group", () => {
    const root = tree();
    expect(json(append(root, id(root, 1), readCondition({ event: "E" })))).toEqual({
      all: [A, { any: [B, C, { event: "E" }] }, D],
    });
  });

  it("keep any tree readable, whatever is done to it", () => {
    const random = seeded(4_711);
    for (let round = 0; round < 300; round += 1) {
      let root: AnyNode = readCondition(nested(random, 4));
      for (let step = 0; step < 10; step += 1) {
        const nodes = [...everyNode(root)];
        const at = (nodes[Math.floor(random() * nodes.length)] as AnyNode).id;
        const moves = ["up", "down", "in", "out"] as const;
        const after: AnyNode | null = [
          () => move(root, at, moves[Math.floor(random() * 4)] as (typeof moves)[number]),
          () => duplicate(root, at),
          () => remove(root, at),
          () => unwrap(root, at),
        ][Math.floor(random() * 4)]?.() as AnyNode | null;
        if (after) root = after;
        const value = write(root);
        expect(write(readCondition(value))).toEqual(value);
        expect(find(root, root.id)).toBe(root);
      }
    }
  });
});

describe("mistakes", () => {
  it("belong to the innermost node around them", () => {
    const root = readCondition({
      all: [{ event: "A", where: { all: [{ property: "p", value: 1 }] } }, { not: { trait: "a", value: 1 } }],
    }) as Group<Condition>;
    const found = mistakesByNode(root, "where", [
      { path: "where.all[0].where.all[0].op", message: "a" },
      { path: "where.all[0].within", message: "b" },
      { path: "where.all[1].not.value", message: "c" },
      { path: "name", message: "d" },
    ]);
    const said = Object.fromEntries(
      [...found].map(([id, mistakes]) => [id ? find(root, id)?.kind : "", mistakes.map((m) => m.message)]),
    );
    expect(said).toEqual({ comparison: ["a"], event: ["b"], trait: ["c"], "": ["d"] });
  });
});

describe("sentences", () => {
  it.each([
    [
      {
        event: "Order Completed",
        where: { property: "total", op: ">", value: 50 },
        count: { op: ">=", value: 3 },
        within: "30d",
      },
      "who did Order Completed at least 3 times within the last 30 days, where total is more than 50",
    ],
    [{ not: { event: "Refund", within: "90d" } }, "who did not do Refund within the last 90 days"],
    [
      { all: [{ trait: "country", value: "US" }, { audience: "big" }] },
      "whose country is US and who are in the audience big",
    ],
    [{ sequence: [{ event: "A" }, { event: "B" }], within: "1d" }, "who did A, then B, all within 1 day"],
    [
      { event: "A", sum: { property: "total", op: ">", value: 100 } },
      "who did A such that the sum of total is more than 100",
    ],
    [{ trait: "seen", op: "within_last", value: "7d" }, "whose seen is within the last 7 days"],
  ])("%j", (value, words) => {
    expect(sentence(readCondition(value))).toBe(words);
  });

  it.each([
    [{ event: "Order" }, "the number of Order events"],
    [{ event: true, within: "7d" }, "the number of events within the last 7 days"],
    [{ page: "Home" }, "the number of views of page Home"],
    [{ screen: true }, "the number of screen views"],
  ])("of a count of %j", (events, words) => {
    const node = readComputation({ kind: "event_count", ...events });
    expect(node.kind === "computation" && computationWords(node)).toBe(words);
  });

  it("of a trait", () => {
    const node = readComputation({ kind: "sum", event: "Order", property: "total", within: "90d" });
    expect(node.kind === "computation" && computationWords(node)).toBe(
      "the sum of total of Order within the last 90 days",
    );
  });
});

describe("excluding", () => {
  const refund = () => readCondition({ event: "Refund" });
  it.each([
    [{ event: "A" }, { all: [{ event: "A" }, { not: { event: "Refund" } }] }],
    [{ all: [{ event: "A" }] }, { all: [{ event: "A" }, { not: { event: "Refund" } }] }],
    [
      { any: [{ event: "A" }, { event: "B" }] },
      { all: [{ any: [{ event: "A" }, { event: "B" }] }, { not: { event: "Refund" } }] },
    ],
    [{ any: [] }, { all: [{ not: { event: "Refund" } }] }],
  ])("from %j", (value, after) => {
    expect(write(exclude(readCondition(value), refund()))).toEqual(after);
  });
});

describe("what is not filled in yet", () => {
  it.each([
    [{ event: "" }, "Choose an event."],
    [{ event: true }, undefined],
    [{ event: "A", count: { op: ">=" } }, "Enter a value."],
    [{ event: "A", sum: { property: "", op: ">", value: 1 } }, "Choose a property."],
    [{ trait: "", op: "=", value: 1 }, "Choose a trait."],
    [{ trait: "a", op: "exists" }, undefined],
    [{ trait: "a", op: "in", value: [] }, "Enter a value."],
    [{ trait: "a", value: { trait: "" } }, "Choose what to compare with."],
    [{ audience: "" }, "Choose an audience."],
    [{ all: [] }, undefined],
  ])("of %j", (value, said) => {
    expect(gapOf(readCondition(value))).toBe(said);
  });
});

describe("paths", () => {
  it.each([
    ["", []],
    ["total", ["total"]],
    ["cart.size", ["cart", "size"]],
    ["cart.first\\.item.x", ["cart", "first.item", "x"]],
  ])("%s", (path, names) => {
    expect(splitPath(path)).toEqual(names);
  });
});

// --- what is tried ------------------------------------------------------------------------------------------------

function* everyNode(root: AnyNode): Generator<AnyNode> {
  yield root;
  for (const child of childrenOf(root)) yield* everyNode(child);
}

function codes(root: AnyNode): AnyNode[] {
  return [...everyNode(root)].filter((node) => node.kind === "code");
}

/** Numbers in [0, 1) that are the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function nested(random: () => number, depth: number): unknown {
  const leaves = [...CONDITIONS, ...STRANGE];
  const roll = random();
  if (depth === 0 || roll < 0.35) return leaves[Math.floor(random() * leaves.length)];
  const inside = () => nested(random, depth - 1);
  if (roll < 0.55) return { not: inside() };
  if (roll < 0.6) return { users: { all: inside() } };
  const items = Array.from({ length: Math.floor(random() * 4) }, inside);
  return roll < 0.8 ? { all: items } : { any: items };
}

/**
 * Conditions and traits of the fixtures, which are YAML. There is no reader for it here but the platform's own, so
 * the Python side writes them out as JSON: see tests/console/test_builder_fixtures.py.
 */
function definitionsOfFixtures(): unknown[] {
  const folder = new URL("./fixtures/", import.meta.url);
  return readdirSync(folder).flatMap(
    (name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")) as unknown[],
  );
}
