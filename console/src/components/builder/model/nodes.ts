/**
 * A definition as the builder shows it: a tree whose nodes have ids. `read.ts` makes it of the JSON of the workspace
 * file, `write.ts` makes JSON of it, `edit.ts` changes it. What the builder has no form for is a Code node and keeps
 * its JSON as it is, so that nothing is ever lost.
 */

export type Call = "event" | "page" | "screen" | "identify" | "group" | "alias";

export type Operator =
  | "="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "contains"
  | "not_contains"
  | "starts_with"
  | "ends_with"
  | "in"
  | "not_in"
  | "exists"
  | "not_exists"
  | "before"
  | "after"
  | "within_last"
  | "before_last"
  | "within_next"
  | "after_next";

export type Reducer =
  | "count"
  | "sum"
  | "avg"
  | "min"
  | "max"
  | "first"
  | "last"
  | "most_frequent"
  | "unique_list"
  | "unique_count";

/** Where a value inside an event, its parent or a profile is looked up. */
export type Side = "property" | "path" | "parent" | "parent_path" | "trait";

export type Scalar = string | number | boolean;

/** Something to compare with that is looked up, as in `{trait: goal}`. */
export interface Reference {
  side: Side;
  name: string;
}

export type Value = Scalar | Scalar[] | Reference;

/** What is left out is what the reference says: `=`, and no value. */
export interface Compared {
  op?: Operator;
  value?: Value;
}

interface Node {
  readonly id: string;
}

export interface Group<Item> extends Node {
  kind: "group";
  join: "all" | "any";
  items: Item[];
}

export interface Negation<Item> extends Node {
  kind: "not";
  item: Item;
}

export interface Code extends Node {
  kind: "code";
  value: unknown;
}

// --- which events ---------------------------------------------------------------------------------------------

export interface Events {
  call: Call;
  /** True: of any name. */
  name: string | true;
  where?: Predicate;
  withoutSources?: string[];
}

export type Window =
  | { within: string }
  /** The newest, then the oldest age. */
  | { between: [string, string] }
  /** Only of computed traits. */
  | { session: string };

/** What is made of events. `property` and `path` exclude each other. */
export interface Reduced {
  reducer: Reducer;
  property?: string;
  path?: string;
  asType?: string;
  frequencyMin?: number;
}

// --- what is asked about one event ----------------------------------------------------------------------------

export interface Comparison extends Node, Compared {
  kind: "comparison";
  left: Reference;
  /** Written beside the left side, `{property: a, parent: b}`, instead of as `value`. */
  right?: Reference;
}

export interface Fql extends Node {
  kind: "fql";
  text: string;
}

export interface Followed extends Node, Events {
  kind: "followed";
  within: string;
  count?: Compared;
}

export type Predicate = Group<Predicate> | Negation<Predicate> | Comparison | Fql | Followed | Code;

// --- what is asked about a profile ----------------------------------------------------------------------------

export interface EventCondition extends Node, Events {
  kind: "event";
  window?: Window;
  /** Left out: at least one. */
  measure?: Reduced & Compared;
}

export interface TraitCondition extends Node, Compared {
  kind: "trait";
  /** `computed`: it is said to be a computed trait; `trait`: it may be one as well. */
  of: "trait" | "computed";
  name: string;
}

export interface AudienceCondition extends Node {
  kind: "audience";
  key: string;
}

export interface Step extends Node, Events {
  kind: "step";
}

export interface SequenceCondition extends Node {
  kind: "sequence";
  steps: (Step | Code)[];
  within?: string;
}

export interface UsersCondition extends Node {
  kind: "users";
  quantifier: "any" | "all" | "none";
  item: Condition;
}

export type Condition =
  | Group<Condition>
  | Negation<Condition>
  | EventCondition
  | TraitCondition
  | AudienceCondition
  | SequenceCondition
  | UsersCondition
  | Code;

/** How a computed trait is computed. */
export interface Computation extends Node, Events, Reduced {
  kind: "computation";
  window?: Window;
}

/** The top of what is built: of an audience a condition, of a trait a computation. */
export type Definition = Condition | Computation;

export type AnyNode = Condition | Predicate | Step | Computation;

let last = 0;

/** An id that no other node of this page has. */
export function freshId(): string {
  last += 1;
  return `n${last}`;
}

export function isReference(value: Value | undefined): value is Reference {
  return typeof value === "object" && !Array.isArray(value);
}
