/**
 * Search parameters that forgive: an address is typed, cut and sent around, and what makes no sense in it is left out
 * instead of showing an error. The router reads `?user_id=42` as a number; where a text is meant it becomes one.
 */

import * as v from "valibot";

const written = v.pipe(v.union([v.string(), v.number(), v.boolean()]), v.transform(String));

export const text = v.fallback(v.optional(written), undefined);

export const number = v.fallback(v.optional(v.number()), undefined);

export const flag = v.fallback(v.optional(v.boolean()), undefined);

/** A list; one alone may be written without brackets. */
export const texts = v.fallback(
  v.optional(
    v.pipe(
      v.union([v.array(written), written]),
      v.transform((found) => (Array.isArray(found) ? found : [found])),
    ),
  ),
  undefined,
);

export function oneOf<const Choices extends readonly [string, ...string[]]>(choices: Choices) {
  return v.fallback(v.optional(v.picklist(choices)), undefined);
}
