/** Tree → JSON, as the workspace file has it. */

import {
  type AnyNode,
  type Compared,
  type Computation,
  type Events,
  isReference,
  type Reduced,
  type Reference,
  type Value,
  type Window,
} from "./nodes";
import { REDUCERS } from "./operators";

type Json = Record<string, unknown>;

export function write(node: AnyNode): unknown {
  switch (node.kind) {
    case "group":
      return { [node.join]: node.items.map(write) };
    case "not":
      return { not: write(node.item) };
    case "code":
      return node.value;
    case "event":
      return {
        ...events(node),
        ...window(node.window),
        ...(node.measure && {
          [node.measure.reducer]: { ...reduced(node.measure), ...compared(node.measure) },
        }),
      };
    case "trait":
      return { [node.of]: node.name, ...compared(node) };
    case "audience":
      return { audience: node.key };
    case "sequence":
      return { sequence: node.steps.map(write), ...defined({ within: node.within }) };
    case "step":
      return events(node);
    case "users":
      return { users: { [node.quantifier]: write(node.item) } };
    case "comparison":
      return { ...reference(node.left), ...(node.right && reference(node.right)), ...compared(node) };
    case "fql":
      return node.text;
    case "followed":
      return {
        followed_by: {
          ...events(node),
          within: node.within,
          ...defined({ count: node.count && compared(node.count) }),
        },
      };
    case "computation":
      return writeComputation(node);
  }
}

export function writeComputation(node: Computation): Json {
  return {
    kind: REDUCERS[node.reducer].kind,
    ...events(node),
    ...reduced(node),
    ...window(node.window),
  };
}

function events(node: Events): Json {
  return {
    [node.call]: node.name,
    ...defined({ where: node.where && write(node.where), without_sources: node.withoutSources }),
  };
}

function window(node: Window | undefined): Json {
  return node ? { ...node } : {};
}

function reduced(node: Reduced): Json {
  return defined({
    property: node.property,
    path: node.path,
    as_type: node.asType,
    frequency_min: node.frequencyMin,
  });
}

function compared(node: Compared): Json {
  return defined({ op: node.op, value: node.value === undefined ? undefined : value(node.value) });
}

function value(node: Value): unknown {
  return isReference(node) ? reference(node) : node;
}

function reference(node: Reference): Json {
  return { [node.side]: node.name };
}

function defined(data: Json): Json {
  return Object.fromEntries(Object.entries(data).filter(([, inside]) => inside !== undefined));
}
