/**
 * A rule's JSON Schema, looked at as rows of properties and changed at one place at a time. Nothing is converted: what
 * the rows do not show (`if`, `$ref`, `anyOf`, …) stays where it stands.
 */

export type Schema = Record<string, unknown>;

/** The way to a schema inside another one: `["properties", "total"]`, `["items"]`. */
export type Place = readonly string[];

export const TYPES = [
  { value: "any", label: "Anything" },
  { value: "string", label: "Text" },
  { value: "date-time", label: "Date and time" },
  { value: "integer", label: "Whole number" },
  { value: "number", label: "Number" },
  { value: "boolean", label: "True or false" },
  { value: "object", label: "Object" },
  { value: "array", label: "List" },
] as const;

/** As a row shows it: one type, "any", or "several". */
export type RowType = (typeof TYPES)[number]["value"] | "several";

/** Keywords that rows and their details show. */
const SHOWN = new Set([
  "type",
  "format",
  "description",
  "enum",
  "pattern",
  "minimum",
  "maximum",
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "properties",
  "required",
  "items",
  "additionalProperties",
]);

export interface Row {
  name: string;
  /** From the object whose rows these are. */
  place: Place;
  schema: Schema;
  isRequired: boolean;
  /** Keywords that only the JSON shows. */
  hidden: string[];
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What stands at a place; undefined where there is nothing. `true` and `false` are schemas too, and not shown as rows. */
export function at(schema: unknown, place: Place): unknown {
  return place.reduce<unknown>((found, name) => (isSchema(found) ? found[name] : undefined), schema);
}

/** The schema at a place, or an empty one. */
export function schemaAt(schema: Schema, place: Place): Schema {
  const found = at(schema, place);
  return isSchema(found) ? found : {};
}

/** The same schema with another one at a place; the way there is made. */
export function put(schema: Schema, place: Place, value: unknown): Schema {
  const [name, ...rest] = place;
  if (name === undefined) return isSchema(value) ? value : {};
  const inner = schema[name];
  return { ...schema, [name]: rest.length ? put(isSchema(inner) ? inner : {}, rest, value) : value };
}

/** The same schema with other keywords at a place; undefined takes one away. */
export function patch(schema: Schema, place: Place, keywords: Schema): Schema {
  const changed: Schema = { ...schemaAt(schema, place), ...keywords };
  for (const [name, value] of Object.entries(keywords)) if (value === undefined) delete changed[name];
  return put(schema, place, changed);
}

/** The properties that an object declares, in their order; also those that are only required. */
export function rows(schema: Schema, object: Place): Row[] {
  const owner = schemaAt(schema, object);
  const declared = isSchema(owner.properties) ? owner.properties : {};
  const required = requiredOf(owner);
  const names = [...Object.keys(declared), ...required.filter((name) => !(name in declared))];
  return names.map((name) => {
    const own = declared[name];
    return {
      name,
      place: [...object, "properties", name],
      schema: isSchema(own) ? own : {},
      isRequired: required.includes(name),
      hidden: isSchema(own) ? hiddenKeywords(own) : own === false ? ["false"] : [],
    };
  });
}

export function hiddenKeywords(schema: Schema): string[] {
  return Object.keys(schema).filter(
    (name) => !SHOWN.has(name) || (name === "items" && !isSchema(schema.items)),
  );
}

function requiredOf(owner: Schema): string[] {
  return Array.isArray(owner.required)
    ? owner.required.filter((name): name is string => typeof name === "string")
    : [];
}

export function addProperty(schema: Schema, object: Place, name: string, own: Schema = {}): Schema {
  const owner = schemaAt(schema, object);
  const declared = isSchema(owner.properties) ? owner.properties : {};
  return patch(schema, object, {
    type: owner.type ?? "object",
    properties: { ...declared, [name]: name in declared ? declared[name] : own },
  });
}

export function removeProperty(schema: Schema, object: Place, name: string): Schema {
  const owner = schemaAt(schema, object);
  const { [name]: _, ...rest } = isSchema(owner.properties) ? owner.properties : {};
  return patch(schema, object, {
    properties: rest,
    required: orNothing(requiredOf(owner).filter((each) => each !== name)),
  });
}

/** At its old place among the others. A name that is taken already changes nothing. */
export function renameProperty(schema: Schema, object: Place, name: string, next: string): Schema {
  const owner = schemaAt(schema, object);
  const declared = isSchema(owner.properties) ? owner.properties : {};
  if (!next || next in declared) return schema;
  return patch(schema, object, {
    properties: Object.fromEntries(
      Object.entries(declared).map(([each, own]) => [each === name ? next : each, own]),
    ),
    required: orNothing(requiredOf(owner).map((each) => (each === name ? next : each))),
  });
}

export function setRequired(schema: Schema, object: Place, name: string, isRequired: boolean): Schema {
  const others = requiredOf(schemaAt(schema, object)).filter((each) => each !== name);
  return patch(schema, object, { required: orNothing(isRequired ? [...others, name] : others) });
}

function orNothing(names: string[]): string[] | undefined {
  return names.length ? names : undefined;
}

// --- types -------------------------------------------------------------------------------------------------------

export function typesOf(schema: Schema): string[] {
  const { type } = schema;
  if (typeof type === "string") return [type];
  return Array.isArray(type) ? type.filter((each): each is string => typeof each === "string") : [];
}

export function allowsNull(schema: Schema): boolean {
  return typesOf(schema).includes("null");
}

export function rowType(schema: Schema): RowType {
  const types = typesOf(schema).filter((type) => type !== "null");
  const [only] = types;
  if (only === undefined) return allowsNull(schema) ? "several" : "any";
  if (types.length > 1) return "several";
  if (only === "string" && schema.format === "date-time") return "date-time";
  return TYPES.some(({ value }) => value === only) ? (only as RowType) : "several";
}

/** "text or whole number", for what a row has no single word for. */
export function typeWords(schema: Schema): string {
  const words = typesOf(schema)
    .filter((type) => type !== "null")
    .map((type) => (TYPES.find(({ value }) => value === type)?.label ?? type).toLowerCase());
  return words.join(" or ") || "nothing but null";
}

/** Keywords that mean something for one type only go with it. */
const OF_TYPE: Record<string, readonly string[]> = {
  string: ["format", "pattern", "minLength", "maxLength"],
  number: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
  object: ["properties", "required", "additionalProperties"],
  array: ["items", "minItems", "maxItems", "uniqueItems"],
};

/** Another type in place of the one there is; whether null is allowed stays. */
export function setType(schema: Schema, place: Place, type: RowType): Schema {
  if (type === "several") return schema;
  const own = schemaAt(schema, place);
  const base = type === "date-time" ? "string" : type;
  const family = base === "integer" ? "number" : base;
  const gone = Object.entries(OF_TYPE)
    .filter(([of]) => type !== "any" && of !== family)
    .flatMap(([, keywords]) => keywords);
  return patch(schema, place, {
    ...Object.fromEntries(gone.map((keyword) => [keyword, undefined])),
    type: written(type === "any" ? [] : [base, ...(allowsNull(own) ? ["null"] : [])]),
    ...(type === "date-time" ? { format: "date-time" } : {}),
    ...(type === "string" && own.format === "date-time" ? { format: undefined } : {}),
    ...(type === "array" && own.items === undefined ? { items: {} } : {}),
  });
}

/** Several types at once, `null` among them or not. */
export function setTypes(schema: Schema, place: Place, types: readonly string[]): Schema {
  return patch(schema, place, { type: written(types) });
}

export function setNullable(schema: Schema, place: Place, isNullable: boolean): Schema {
  const types = typesOf(schemaAt(schema, place)).filter((type) => type !== "null");
  if (types.length === 0) return schema; // anything allows null already
  return setTypes(schema, place, isNullable ? [...types, "null"] : types);
}

function written(types: readonly string[]): string | string[] | undefined {
  return types.length > 1 ? [...types] : types[0];
}

// --- values ------------------------------------------------------------------------------------------------------

/** A permitted value as it is shown: text as it is, all else as JSON. */
export function valueText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What somebody has written as a permitted value of this type. */
export function readValue(text: string, schema: Schema): unknown {
  const types = typesOf(schema);
  if (types.includes("string") || types.length === 0) {
    return types.includes("null") && text === "null" ? null : text;
  }
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What a property may be beyond its type, in a few words. */
export function constraints(schema: Schema): string[] {
  const said: string[] = [];
  const { enum: values, pattern, format } = schema;
  if (Array.isArray(values)) said.push(`one of ${values.map(valueText).join(", ")}`);
  if (typeof pattern === "string") said.push(`matches ${pattern}`);
  if (typeof format === "string" && format !== "date-time") said.push(format);
  said.push(...between(schema.minimum, schema.maximum, ""));
  said.push(...between(schema.minLength, schema.maxLength, " characters"));
  said.push(...between(schema.minItems, schema.maxItems, " items"));
  if (schema.additionalProperties === false) said.push("nothing else");
  return said;
}

function between(least: unknown, most: unknown, unit: string): string[] {
  if (typeof least === "number" && typeof most === "number") return [`${least} to ${most}${unit}`];
  if (typeof least === "number") return [`at least ${least}${unit}`];
  if (typeof most === "number") return [`at most ${most}${unit}`];
  return [];
}

/** Where rows can be inside this one: an object's properties, or those of the objects in a list. */
export function innerObject(row: Row): Place | null {
  const types = typesOf(row.schema);
  if (isSchema(row.schema.properties) || types.includes("object")) return row.place;
  const { items } = row.schema;
  if (isSchema(items) && (isSchema(items.properties) || typesOf(items).includes("object"))) {
    return [...row.place, "items"];
  }
  return null;
}
