/** The ways to compare: what each needs, how it reads, and which of them fit values of a type. */

import type { Operator, Reducer } from "./nodes";

/** What stands on the right side of a comparison. */
export type Operand = "none" | "one" | "number" | "text" | "many" | "instant" | "duration";

interface About {
  operand: Operand;
  /** After "country": "is", "is one of". */
  words: string;
}

export const OPERATORS: Record<Operator, About> = {
  "=": { operand: "one", words: "is" },
  "!=": { operand: "one", words: "is not" },
  "<": { operand: "number", words: "is less than" },
  "<=": { operand: "number", words: "is at most" },
  ">": { operand: "number", words: "is more than" },
  ">=": { operand: "number", words: "is at least" },
  contains: { operand: "many", words: "contains" },
  not_contains: { operand: "many", words: "does not contain" },
  starts_with: { operand: "many", words: "starts with" },
  ends_with: { operand: "many", words: "ends with" },
  in: { operand: "many", words: "is one of" },
  not_in: { operand: "many", words: "is none of" },
  exists: { operand: "none", words: "is known" },
  not_exists: { operand: "none", words: "is not known" },
  before: { operand: "instant", words: "is before" },
  after: { operand: "instant", words: "is after" },
  within_last: { operand: "duration", words: "is within the last" },
  before_last: { operand: "duration", words: "is longer ago than" },
  within_next: { operand: "duration", words: "is within the next" },
  after_next: { operand: "duration", words: "is later than in" },
};

const ALL = Object.keys(OPERATORS) as Operator[];

const NUMBERS: Operator[] = ["=", "!=", "<", "<=", ">", ">=", "in", "not_in"];
const PRESENCE: Operator[] = ["exists", "not_exists"];
const DATES: Operator[] = ["before", "after", "within_last", "before_last", "within_next", "after_next"];
const TEXTS: Operator[] = ["=", "!=", "in", "not_in", "contains", "not_contains", "starts_with", "ends_with"];

/** How a count is compared. */
export const COUNT_OPERATORS: Operator[] = [">=", ">", "=", "!=", "<=", "<"];

/** Before "3 times". */
export const COUNT_WORDS: Partial<Record<Operator, string>> = {
  ">=": "at least",
  ">": "more than",
  "=": "exactly",
  "!=": "not exactly",
  "<=": "at most",
  "<": "fewer than",
};

const OF_TYPES: Record<string, Operator[]> = {
  number: [...NUMBERS, ...PRESENCE],
  integer: [...NUMBERS, ...PRESENCE],
  string: [...TEXTS, ...PRESENCE, ...DATES],
  boolean: ["=", "!=", ...PRESENCE],
  array: ["contains", "not_contains", ...PRESENCE],
  object: PRESENCE,
};

/** Those that make sense for values that were seen to be of these JSON types; of unknown ones all. */
export function operatorsOf(types: readonly string[]): Operator[] {
  const known = types.filter((type) => type !== "null" && type in OF_TYPES);
  if (known.length === 0) return ALL;
  const fitting = new Set(known.flatMap((type) => OF_TYPES[type] ?? []));
  return ALL.filter((operator) => fitting.has(operator));
}

/** What the value of a reducer can be compared by; the API refuses the others. */
export function operatorsOfReducer(reducer: Reducer): Operator[] {
  switch (reducer) {
    case "count":
    case "unique_count":
      return NUMBERS;
    case "sum":
    case "avg":
      return [...NUMBERS, ...PRESENCE];
    case "unique_list":
      return ["contains", "not_contains", ...PRESENCE];
    default:
      return ALL;
  }
}

/** The JSON type of a computed trait's values, when its reducer says it. */
export function typeOfReducer(reducer: Reducer): string[] {
  switch (reducer) {
    case "count":
    case "unique_count":
      return ["integer"];
    case "sum":
    case "avg":
      return ["number"];
    case "unique_list":
      return ["array"];
    default:
      return [];
  }
}

export interface AboutReducer {
  /** The kind of a computed trait. */
  kind: string;
  label: string;
  hint: string;
  /** In a sentence, before the property: "the sum of total". */
  words: string;
  types: string[];
}

export const REDUCERS: Record<Reducer, AboutReducer> = {
  count: {
    kind: "event_count",
    label: "Number of events",
    hint: "How many events there were, such as orders or logins",
    words: "the number of events",
    types: [],
  },
  sum: {
    kind: "sum",
    label: "Sum",
    hint: "All numbers added up, such as revenue",
    words: "the sum of",
    types: [],
  },
  avg: {
    kind: "avg",
    label: "Average",
    hint: "The mean of all numbers, such as basket size",
    words: "the average of",
    types: [],
  },
  min: {
    kind: "min",
    label: "Minimum",
    hint: "The smallest number, or the first text in alphabetical order",
    words: "the smallest",
    types: ["number", "string"],
  },
  max: {
    kind: "max",
    label: "Maximum",
    hint: "The largest number, or the last text in alphabetical order",
    words: "the largest",
    types: ["number", "string"],
  },
  first: {
    kind: "first",
    label: "First value",
    hint: "From the first event that has one, such as the first campaign",
    words: "the first",
    types: [],
  },
  last: {
    kind: "last",
    label: "Last value",
    hint: "From the latest event that has one, such as the last page",
    words: "the last",
    types: [],
  },
  most_frequent: {
    kind: "most_frequent",
    label: "Most frequent value",
    hint: "What occurs most often, such as a favorite brand",
    words: "the most frequent",
    types: ["string", "number", "array"],
  },
  unique_list: {
    kind: "unique_list",
    label: "List of unique values",
    hint: "Every value that occurred, once each",
    words: "the unique values of",
    types: [],
  },
  unique_count: {
    kind: "unique_count",
    label: "Number of unique values",
    hint: "How many different values occurred",
    words: "the number of unique values of",
    types: [],
  },
};

export const REDUCER_NAMES = Object.keys(REDUCERS) as Reducer[];

export function reducerOfKind(kind: unknown): Reducer | undefined {
  return REDUCER_NAMES.find((reducer) => REDUCERS[reducer].kind === kind);
}
