/** Definitions as sentences: "did Order Completed at least 3 times within 30 days, where total is more than 50". */

import { count } from "~/format/format";
import { durationInWords } from "./durations";
import {
  type AnyNode,
  type Compared,
  type Computation,
  type Condition,
  type EventCondition,
  type Events,
  type Group,
  isReference,
  type Predicate,
  type Reduced,
  type Reference,
  type Scalar,
  type Value,
  type Window,
} from "./nodes";
import { COUNT_WORDS, OPERATORS, REDUCERS } from "./operators";

const COUNTS = { ...COUNT_WORDS, "!=": "any number of times but" };

/** What follows "people": "who did Order Completed", "whose country is US". */
export function sentence(node: Condition, isNegated = false): string {
  switch (node.kind) {
    case "event":
      return `who ${eventSentence(node, isNegated)}`;
    case "trait": {
      const said = `${node.name || "…"} ${comparedWords(node)}`;
      return isNegated ? `of whom it is not true that ${said}` : `whose ${said}`;
    }
    case "audience":
      return `who are ${isNegated ? "not " : ""}in the audience ${node.key || "…"}`;
    case "sequence": {
      const steps = node.steps.map((step) => (step.kind === "step" ? eventsWords(step) : "a step in code"));
      const within = node.within ? `, all within ${durationInWords(node.within)}` : "";
      return `who ${isNegated ? "did not do" : "did"} ${steps.join(", then ")}${within}`;
    }
    case "users": {
      const who = { any: "a user", all: "only users", none: "no user" }[node.quantifier];
      return `that ${isNegated ? "do not have" : "have"} ${who} ${sentence(node.item)}`;
    }
    case "not":
      return sentence(node.item, !isNegated);
    case "group":
      return groupSentence(node, isNegated);
    case "code":
      return `who ${isNegated ? "do not meet" : "meet"} a condition that is written as code`;
  }
}

function groupSentence({ join, items }: Group<Condition>, isNegated: boolean): string {
  if (items.length === 0) return (join === "all") !== isNegated ? "who are there at all" : "who cannot exist";
  const [only, ...more] = items as [Condition, ...Condition[]];
  if (more.length === 0) return sentence(only, isNegated);
  // Not all of them: one is not. Not any of them: none is.
  const word = (join === "all") === isNegated ? " or " : " and ";
  return items
    .map((item) => {
      const said = sentence(item, isNegated);
      return item.kind === "group" && item.items.length > 1 ? `(${said})` : said;
    })
    .join(word);
}

function eventSentence(node: EventCondition, isNegated: boolean): string {
  const verb = isNegated ? "did not do" : "did";
  const what = eventsName(node);
  const tail = `${windowWords(node.window)}${whereWords(node)}`;
  const { measure } = node;
  if (!measure) return `${verb} ${what}${tail}`;
  if (measure.reducer !== "count")
    return `${verb} ${what} such that ${reducedWords(measure)} ${comparedWords(measure)}${tail}`;
  return `${verb} ${what} ${countWords(measure)}${tail}`;
}

function countWords({ op = "=", value }: Compared): string {
  const word = COUNTS[op];
  if (word === undefined) return `a number of times that ${comparedWords({ op, value })}`;
  if (typeof value !== "number") return `${word} … times`;
  return `${word} ${value === 1 ? "once" : value === 2 ? "twice" : `${count(value)} times`}`;
}

/** How a trait is made: "the sum of total of Order Completed within the last 90 days". */
export function computationWords(node: Computation): string {
  const name = eventsName(node);
  const what = node.reducer === "count" ? countedWords(node) : `${reducedWords(node)} of ${name}`;
  const least =
    node.reducer === "most_frequent" ? `, if it occurs at least ${node.frequencyMin ?? 2} times` : "";
  return `${what}${windowWords(node.window)}${whereWords(node)}${least}`;
}

function countedWords({ call, name }: Events): string {
  if (name === true)
    return `the number of ${{ event: "events", page: "page views", screen: "screen views" }[call as string] ?? `${call} calls`}`;
  if (call === "event") return `the number of ${name || "…"} events`;
  return `the number of views of ${call} ${name || "…"}`;
}

function reducedWords(reduced: Reduced): string {
  return `${REDUCERS[reduced.reducer].words} ${reduced.property ?? reduced.path ?? "…"}`;
}

function eventsWords(events: Events): string {
  return `${eventsName(events)}${whereWords(events)}`;
}

export function eventsName({ call, name }: Events): string {
  if (name !== true) return call === "event" ? name || "…" : `${call} ${name || "…"}`;
  return { event: "any event", page: "any page", screen: "any screen" }[call as string] ?? `an ${call} call`;
}

function windowWords(window: Window | undefined): string {
  if (!window) return "";
  if ("within" in window) return ` within the last ${durationInWords(window.within)}`;
  if ("session" in window) return ` in a session that a pause of ${durationInWords(window.session)} ends`;
  const [newest, oldest] = window.between;
  return ` between ${durationInWords(newest)} and ${durationInWords(oldest)} ago`;
}

function whereWords({ where, withoutSources }: Events): string {
  const without = withoutSources?.length ? `, not counting ${withoutSources.join(", ")}` : "";
  return `${where ? `, where ${predicateWords(where)}` : ""}${without}`;
}

export function predicateWords(node: Predicate): string {
  switch (node.kind) {
    case "comparison":
      return `${referenceWords(node.left)} ${comparedWords(node.right ? { op: node.op, value: node.right } : node)}`;
    case "fql":
      return node.text || "…";
    case "followed": {
      const often = node.count ? ` ${countWords(node.count)}` : "";
      return `${eventsWords(node)} follows${often} within ${durationInWords(node.within)}`;
    }
    case "not":
      return `not (${predicateWords(node.item)})`;
    case "group": {
      const inside = node.items.map((item) =>
        item.kind === "group" ? `(${predicateWords(item)})` : predicateWords(item),
      );
      return (
        inside.join(node.join === "all" ? " and " : " or ") || (node.join === "all" ? "always" : "never")
      );
    }
    case "code":
      return "a condition that is written as code";
  }
}

function comparedWords({ op = "=", value }: Compared): string {
  const { operand, words } = OPERATORS[op];
  if (operand === "none") return words;
  if (operand === "duration") return `${words} ${typeof value === "string" ? durationInWords(value) : "…"}`;
  return `${words} ${valueWords(value)}`;
}

function valueWords(value: Value | undefined): string {
  if (value === undefined || value === "") return "…";
  if (isReference(value)) return referenceWords(value);
  if (!Array.isArray(value)) return scalarWords(value);
  if (value.length <= 4) return value.map(scalarWords).join(" or ") || "…";
  return `${value.slice(0, 3).map(scalarWords).join(", ")} or ${count(value.length - 3)} others`;
}

function scalarWords(value: Scalar): string {
  return typeof value === "boolean" ? (value ? "yes" : "no") : String(value);
}

function referenceWords({ side, name }: Reference): string {
  const shown = name || "…";
  switch (side) {
    case "trait":
      return `the person's ${shown}`;
    case "parent":
    case "parent_path":
      return `${shown} of the event before`;
    default:
      return shown;
  }
}

/** A few words for what a node is, as in a heading or a label for screen readers. */
export function nodeName(node: AnyNode): string {
  switch (node.kind) {
    case "group":
      return node.join === "all" ? "group: all of" : "group: any of";
    case "not":
      return `not: ${nodeName(node.item)}`;
    case "event":
    case "step":
    case "followed":
    case "computation":
      return `event ${eventsName(node)}`;
    case "trait":
      return `trait ${node.name}`;
    case "audience":
      return `audience ${node.key}`;
    case "sequence":
      return "sequence";
    case "users":
      return "users of the account";
    case "comparison":
      return `comparison of ${node.left.name}`;
    case "fql":
      return "FQL";
    case "code":
      return "code";
  }
}
