/**
 * JSON → tree. Each shape is taken only when all of it is understood; anything else becomes a Code node with its
 * JSON untouched.
 */

import { parseDuration } from "./durations";
import {
  type Call,
  type Code,
  type Compared,
  type Comparison,
  type Computation,
  type Condition,
  type Events,
  freshId,
  type Operator,
  type Predicate,
  type Reduced,
  type Reducer,
  type Reference,
  type Scalar,
  type SequenceCondition,
  type Side,
  type Step,
  type Value,
  type Window,
} from "./nodes";
import { OPERATORS, REDUCER_NAMES, reducerOfKind } from "./operators";

type Json = Record<string, unknown>;

export const CALLS: Call[] = ["event", "page", "screen", "identify", "group", "alias"];
const NAMED: Call[] = ["event", "page", "screen"];
const SIDES: Side[] = ["property", "path", "parent", "parent_path", "trait"];
const EVENT_KEYS = [...CALLS, "where", "without_sources"];
const COMPARED_KEYS = ["op", "value"];
const REDUCED_KEYS = ["property", "path", "as_type", "frequency_min"];
const WINDOW_KEYS = ["within", "between"];

/** Thrown, and caught, inside this module: this shape is not what was thought. */
class Strange extends Error {}

export function readCondition(value: unknown): Condition {
  return orCode(value, condition);
}

export function readPredicate(value: unknown): Predicate {
  return orCode(value, predicate);
}

/** Of a trait's definition: the keys that say how it is computed. */
export function readComputation(value: unknown): Computation | Code {
  return orCode(value, computation);
}

function orCode<Made>(value: unknown, read: (value: unknown) => Made): Made | Code {
  try {
    return read(value);
  } catch (error) {
    if (error instanceof Strange) return { id: freshId(), kind: "code", value };
    throw error;
  }
}

// --- conditions -----------------------------------------------------------------------------------------------

function condition(value: unknown): Condition {
  const data = mapping(value);
  const id = freshId();
  if ("all" in data || "any" in data) return group(data, readCondition);
  if ("not" in data) {
    only(data, ["not"]);
    return { id, kind: "not", item: readCondition(data.not) };
  }
  if ("trait" in data || "computed" in data) {
    const of = "trait" in data ? "trait" : "computed";
    only(data, [of, ...COMPARED_KEYS]);
    return { id, kind: "trait", of, name: text(data[of]), ...compared(data, ["trait"]) };
  }
  if ("audience" in data) {
    only(data, ["audience"]);
    return { id, kind: "audience", key: text(data.audience) };
  }
  if ("sequence" in data) return sequence(data);
  if ("users" in data) {
    only(data, ["users"]);
    const users = mapping(data.users);
    const quantifier = one(users, ["any", "all", "none"] as const);
    only(users, [quantifier]);
    return { id, kind: "users", quantifier, item: readCondition(users[quantifier]) };
  }
  const reducers = REDUCER_NAMES.filter((reducer) => reducer in data);
  require(reducers.length <= 1);
  only(data, [...EVENT_KEYS, ...WINDOW_KEYS, ...reducers]);
  const [reducer] = reducers;
  return {
    id,
    kind: "event",
    ...events(data),
    ...optional("window", window(data)),
    ...optional("measure", reducer && measure(reducer, mapping(data[reducer]))),
  };
}

function group<Item>(data: Json, read: (value: unknown) => Item) {
  const join = one(data, ["all", "any"] as const);
  only(data, [join]);
  return { id: freshId(), kind: "group" as const, join, items: list(data[join]).map(read) };
}

function sequence(data: Json): SequenceCondition {
  only(data, ["sequence", "within"]);
  const steps = list(data.sequence).map((value) => orCode(value, step));
  return {
    id: freshId(),
    kind: "sequence",
    steps,
    ...optional("within", data.within === undefined ? undefined : duration(data.within)),
  };
}

function step(value: unknown): Step {
  const data = mapping(value);
  only(data, EVENT_KEYS);
  return { id: freshId(), kind: "step", ...events(data) };
}

function measure(reducer: Reducer, data: Json): Reduced & Compared {
  only(data, [...REDUCED_KEYS, ...COMPARED_KEYS]);
  return { ...reduced(reducer, data), ...compared(data, ["trait"]) };
}

function computation(value: unknown): Computation {
  const data = mapping(value);
  const reducer = reducerOfKind(data.kind);
  if (!reducer) throw new Strange();
  only(data, ["kind", ...EVENT_KEYS, ...REDUCED_KEYS, ...WINDOW_KEYS, "session"]);
  return {
    id: freshId(),
    kind: "computation",
    ...events(data),
    ...reduced(reducer, data),
    ...optional("window", window(data)),
  };
}

// --- events ---------------------------------------------------------------------------------------------------

function events(data: Json): Events {
  const call = one(data, CALLS);
  const name = data[call];
  if (name !== true) require(NAMED.includes(call) && typeof name === "string");
  return {
    call,
    name: name as string | true,
    ...optional("where", data.where === undefined ? undefined : readPredicate(data.where)),
    ...optional(
      "withoutSources",
      data.without_sources === undefined ? undefined : list(data.without_sources).map(text),
    ),
  };
}

function window(data: Json): Window | undefined {
  const found = ["within", "between", "session"].filter((key) => data[key] !== undefined);
  require(found.length <= 1);
  if (data.within !== undefined) return { within: duration(data.within) };
  if (data.session !== undefined) return { session: duration(data.session) };
  if (data.between === undefined) return undefined;
  const [newest, oldest, ...more] = list(data.between).map(duration);
  if (newest === undefined || oldest === undefined || more.length > 0) throw new Strange();
  return { between: [newest, oldest] };
}

function reduced(reducer: Reducer, data: Json): Reduced {
  require(data.property === undefined || data.path === undefined);
  require(data.frequency_min === undefined || typeof data.frequency_min === "number");
  return {
    reducer,
    ...optional("property", data.property === undefined ? undefined : text(data.property)),
    ...optional("path", data.path === undefined ? undefined : text(data.path)),
    ...optional("asType", data.as_type === undefined ? undefined : text(data.as_type)),
    ...optional("frequencyMin", data.frequency_min as number | undefined),
  };
}

// --- predicates -----------------------------------------------------------------------------------------------

function predicate(value: unknown): Predicate {
  const id = freshId();
  if (typeof value === "string") return { id, kind: "fql", text: value };
  const data = mapping(value);
  if ("all" in data || "any" in data) return group(data, readPredicate);
  if ("not" in data) {
    only(data, ["not"]);
    return { id, kind: "not", item: readPredicate(data.not) };
  }
  if ("followed_by" in data) {
    only(data, ["followed_by"]);
    const inside = mapping(data.followed_by);
    only(inside, [...EVENT_KEYS, "within", "count"]);
    const count = inside.count === undefined ? undefined : mapping(inside.count);
    if (count) only(count, COMPARED_KEYS);
    return {
      id,
      kind: "followed",
      ...events(inside),
      within: duration(inside.within),
      ...optional("count", count && compared(count, [])),
    };
  }
  return comparison(id, data);
}

/** The left side is the first in the order of SIDES, as for the API; another beside it is what it is compared with. */
function comparison(id: string, data: Json): Comparison {
  only(data, [...SIDES, ...COMPARED_KEYS]);
  const sides = SIDES.filter((side) => side in data).map((side) => ({ side, name: text(data[side]) }));
  const [left, right, ...more] = sides;
  if (!left || more.length > 0) throw new Strange();
  require(!right || data.value === undefined);
  return { id, kind: "comparison", left, ...optional("right", right), ...compared(data, SIDES) };
}

// --- small things ---------------------------------------------------------------------------------------------

function compared(data: Json, sides: readonly Side[]): Compared {
  return {
    ...optional("op", data.op === undefined ? undefined : operator(data.op)),
    ...optional("value", data.value === undefined ? undefined : operand(data.value, sides)),
  };
}

function operator(value: unknown): Operator {
  require(typeof value === "string" && value in OPERATORS);
  return value as Operator;
}

function operand(value: unknown, sides: readonly Side[]): Value {
  if (isScalar(value)) return value;
  if (Array.isArray(value)) {
    require(value.every(isScalar));
    return value as Scalar[];
  }
  const data = mapping(value);
  const side = one(data, sides);
  only(data, [side]);
  return { side, name: text(data[side]) } satisfies Reference;
}

function isScalar(value: unknown): value is Scalar {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function mapping(value: unknown): Json {
  require(typeof value === "object" && value !== null && !Array.isArray(value));
  return value as Json;
}

function list(value: unknown): unknown[] {
  require(Array.isArray(value));
  return value as unknown[];
}

function text(value: unknown): string {
  require(typeof value === "string");
  return value as string;
}

function duration(value: unknown): string {
  require(parseDuration(value) !== null);
  return value as string;
}

function one<Key extends string>(data: Json, keys: readonly Key[]): Key {
  const found = keys.filter((key) => key in data);
  if (found.length !== 1) throw new Strange();
  return found[0] as Key;
}

function only(data: Json, keys: readonly string[]): void {
  require(Object.keys(data).every((key) => keys.includes(key)));
}

function require(holds: boolean): void {
  if (!holds) throw new Strange();
}

function optional<Key extends string, Inside>(
  key: Key,
  value: Inside | undefined,
): { [key in Key]?: Inside } {
  return value === undefined ? {} : ({ [key]: value } as { [key in Key]?: Inside });
}
