/** What is simply not filled in yet: said as a request, not as a mistake. */

import { type AnyNode, type Compared, type Events, isReference, type Reduced } from "./nodes";
import { OPERATORS } from "./operators";

/** Undefined: nothing is missing that the form would know of. */
export function gapOf(node: AnyNode): string | undefined {
  switch (node.kind) {
    case "event":
      return (
        gapOfEvents(node) ?? (node.measure && (gapOfReduced(node.measure) ?? gapOfCompared(node.measure)))
      );
    case "step":
    case "followed":
      return gapOfEvents(node);
    case "computation":
      return gapOfReduced(node) ?? gapOfEvents(node);
    case "trait":
      return node.name === "" ? "Choose a trait." : gapOfCompared(node);
    case "audience":
      return node.key === "" ? "Choose an audience." : undefined;
    case "comparison":
      if (node.left.name === "") return `Choose a ${node.left.side === "trait" ? "trait" : "property"}.`;
      return node.right ? undefined : gapOfCompared(node);
    case "fql":
      return node.text === "" ? "Write a condition." : undefined;
    case "code":
      return node.value === "" ? "Write a condition." : undefined;
    default:
      return undefined;
  }
}

function gapOfEvents({ call, name }: Events): string | undefined {
  const noun = call === "event" ? "an event" : `a ${call}`;
  return name === "" ? `Choose ${noun}.` : undefined;
}

function gapOfReduced({ reducer, property, path }: Reduced): string | undefined {
  return reducer !== "count" && !(property || path) ? "Choose a property." : undefined;
}

function gapOfCompared({ op = "=", value }: Compared): string | undefined {
  if (OPERATORS[op].operand === "none") return undefined;
  if (isReference(value)) return value.name === "" ? "Choose what to compare with." : undefined;
  const isMissing = value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
  return isMissing ? "Enter a value." : undefined;
}
