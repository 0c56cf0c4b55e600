/** What somebody types into a field, as a value of the type that was seen there. */

import type { Operator, Scalar, Value } from "./nodes";
import { OPERATORS } from "./operators";

export type ScalarType = "text" | "number" | "boolean";

/** The type to offer first: of the value there is, else of those that were seen, else text. */
export function scalarType(value: Scalar | undefined, types: readonly string[]): ScalarType {
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "boolean";
  if (value !== undefined && value !== "") return "text";
  const known = types.filter((type) => type !== "null" && type !== "array" && type !== "object");
  if (known.length === 0 || known.includes("string")) return "text";
  return known.includes("boolean") ? "boolean" : "number";
}

/** Undefined: it is no such value. */
export function asScalar(text: string, type: ScalarType): Scalar | undefined {
  switch (type) {
    case "text":
      return text;
    case "number":
      return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : undefined;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : undefined;
  }
}

/** Tags to values: what was a number or a boolean stays one, what is new is of the type that was seen. */
export function asScalars(
  tags: readonly string[],
  before: readonly Scalar[],
  types: readonly string[],
): Scalar[] {
  const known = new Map(before.map((value) => [String(value), value]));
  const sample = before.find((value) => typeof value !== "string");
  const type = scalarType(sample, types);
  return tags.map((tag) => known.get(tag) ?? asScalar(tag, type) ?? tag);
}

export function scalars(value: Value | undefined): Scalar[] {
  if (value === undefined || value === "") return [];
  if (Array.isArray(value)) return value;
  return typeof value === "object" ? [] : [value];
}

/** The value that goes on with another operator: what does not fit it is left out. */
export function valueFor(operator: Operator, value: Value | undefined): Value | undefined {
  const { operand } = OPERATORS[operator];
  if (typeof value === "object" && !Array.isArray(value))
    return operand === "none" || operand === "duration" || operand === "many" ? undefined : value;
  const [first] = scalars(value);
  switch (operand) {
    case "none":
    case "duration":
      return operand === "duration" ? "30d" : undefined;
    case "many":
      return scalars(value);
    case "number":
      return typeof first === "number" ? first : asScalar(String(first ?? ""), "number");
    case "instant":
      return typeof first === "string" && /^\d{4}-/.test(first) ? first : undefined;
    default:
      return first;
  }
}
