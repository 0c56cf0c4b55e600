/** New nodes, as one begins with them. */

import { emptyGroup } from "./edit";
import { type Computation, type Condition, freshId, type Predicate, type Reducer, type Step } from "./nodes";

export type ConditionKind = "event" | "trait" | "audience" | "sequence" | "group" | "users" | "code";
export type PredicateKind = "comparison" | "fql" | "followed" | "group";

export function freshCondition(kind: ConditionKind): Condition {
  const id = freshId();
  switch (kind) {
    case "event":
      return { id, kind, call: "event", name: "" };
    case "trait":
      return { id, kind, of: "trait", name: "", op: "=" };
    case "audience":
      return { id, kind, key: "" };
    case "sequence":
      return { id, kind, steps: [freshStep(), freshStep()] };
    case "group":
      return emptyGroup("any");
    case "users":
      return { id, kind, quantifier: "any", item: freshCondition("event") };
    case "code":
      return { id, kind, value: "" };
  }
}

export function freshPredicate(kind: PredicateKind, isInsideFollowed: boolean): Predicate {
  const id = freshId();
  switch (kind) {
    case "comparison":
      return { id, kind, left: { side: "property", name: "" }, op: "=" };
    case "fql":
      return { id, kind, text: "" };
    case "followed":
      return isInsideFollowed
        ? freshPredicate("comparison", true)
        : { id, kind, call: "event", name: "", within: "7d" };
    case "group":
      return { id, kind, join: "any", items: [freshPredicate("comparison", isInsideFollowed)] };
  }
}

export function freshStep(): Step {
  return { id: freshId(), kind: "step", call: "event", name: "" };
}

export function freshComputation(reducer: Reducer): Computation {
  return { id: freshId(), kind: "computation", call: "event", name: "", reducer };
}
