/** A rule widened by what was really sent, without loosening what somebody has written. */

import { allowsNull, isSchema, type Schema, schemaAt, typesOf } from "./schema";

export interface Difference {
  /** `order.items.$.price` */
  path: string;
  kind: "new" | "type";
  /** Types that were seen. */
  seen: string[];
  /** Types that the rule allows; empty: any. */
  allowed: string[];
}

/** What was observed and the rule does not say, or does not allow. */
export function differences(rule: Schema, observed: Schema, above = ""): Difference[] {
  const declared = schemaAt(rule, ["properties"]);
  const found: Difference[] = [];
  for (const [name, seen] of Object.entries(schemaAt(observed, ["properties"]))) {
    if (!isSchema(seen)) continue;
    const path = above ? `${above}.${name}` : name;
    const own = declared[name];
    if (own === undefined) {
      found.push({ path, kind: "new", seen: typesOf(seen), allowed: [] });
    } else if (isSchema(own)) {
      if (!allowsAll(own, typesOf(seen)))
        found.push({ path, kind: "type", seen: typesOf(seen), allowed: typesOf(own) });
      found.push(...differences(own, seen, path));
      if (isSchema(seen.items) && isSchema(own.items))
        found.push(...differences(own.items, seen.items, `${path}.$`));
    }
  }
  return found;
}

/**
 * The rule with the properties that it did not have, optional ones; with `widen` it also allows the types that were
 * seen where it had others. What it asks for stays asked for.
 */
export function merged(rule: Schema, observed: Schema, widen: boolean): Schema {
  const seen = schemaAt(observed, ["properties"]);
  if (Object.keys(seen).length === 0) return rule;
  const declared = { ...schemaAt(rule, ["properties"]) };
  for (const [name, sent] of Object.entries(seen)) {
    if (!isSchema(sent)) continue;
    const own = declared[name];
    if (own === undefined) declared[name] = withoutRequired(sent);
    else if (isSchema(own)) declared[name] = mergedProperty(own, sent, widen);
  }
  return { ...rule, properties: declared };
}

function mergedProperty(own: Schema, sent: Schema, widen: boolean): Schema {
  let result = own;
  const allowed = typesOf(own);
  if (widen && !allowsAll(own, typesOf(sent))) {
    const types = [...new Set([...allowed, ...typesOf(sent)])].filter(
      (type, _, all) => type !== "integer" || !all.includes("number"),
    );
    result = { ...result, type: types };
  }
  if (isSchema(sent.properties)) result = merged(result, sent, widen);
  if (isSchema(sent.items) && isSchema(own.items)) {
    result = { ...result, items: mergedProperty(own.items, sent.items, widen) };
  }
  return result;
}

/** What was always there so far need not be there always. */
function withoutRequired(schema: Schema): Schema {
  const { required: _, ...rest } = schema;
  if (isSchema(rest.properties)) {
    rest.properties = Object.fromEntries(
      Object.entries(rest.properties).map(([name, own]) => [
        name,
        isSchema(own) ? withoutRequired(own) : own,
      ]),
    );
  }
  if (isSchema(rest.items)) rest.items = withoutRequired(rest.items);
  return rest;
}

function allowsAll(own: Schema, seen: readonly string[]): boolean {
  const allowed = typesOf(own);
  if (allowed.length === 0) return true;
  return seen.every(
    (type) =>
      allowed.includes(type) ||
      (type === "integer" && allowed.includes("number")) ||
      (type === "null" && allowsNull(own)),
  );
}
