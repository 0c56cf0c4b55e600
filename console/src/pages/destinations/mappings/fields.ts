/** Which fields of an action are seen at once. Pure. */

import type { FieldShape } from "~/api/schema";
import type { Value } from "./values";

/** Neither required, nor with a value of its own or by default: nothing is sent in it unless somebody wants it. */
export function isFolded(field: FieldShape, mapping: Record<string, Value>): boolean {
  const hasDefault = field.default !== undefined && field.default !== null;
  return !field.required && !hasDefault && !(field.name in mapping);
}

/** By label, name and description; those that are required come first. */
export function matchingFields(fields: readonly FieldShape[], text: string): FieldShape[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = fields.filter(({ label, name, description }) => {
    const said = `${label} ${name} ${description}`.toLowerCase();
    return words.every((word) => said.includes(word));
  });
  return [...found.filter((field) => field.required), ...found.filter((field) => !field.required)];
}
