import { describe, expect, it } from "vitest";
import {
  addProperty,
  constraints,
  innerObject,
  patch,
  readValue,
  removeProperty,
  renameProperty,
  rows,
  rowType,
  type Schema,
  setNullable,
  setRequired,
  setType,
  typeWords,
} from "./schema";

const PAYLOAD = ["properties", "properties"];

const RULE: Schema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  type: "object",
  if: { properties: { properties: { required: ["coupon"] } } },
  properties: {
    context: {},
    properties: {
      type: "object",
      properties: {
        order_id: { type: "string", pattern: "^o_", contentEncoding: "base64" },
        total: { type: ["number", "null"], exclusiveMinimum: 0 },
        products: { type: "array", items: { type: "object", properties: { sku: { type: "string" } } } },
        anything: true,
      },
      required: ["order_id", "channel"],
    },
  },
};

describe("rows", () => {
  it("shows what is declared and what is only required, and names what it cannot show", () => {
    const found = rows(RULE, PAYLOAD);
    expect(found.map((row) => [row.name, rowType(row.schema), row.isRequired, row.hidden])).toEqual([
      ["order_id", "string", true, ["contentEncoding"]],
      ["total", "number", false, ["exclusiveMinimum"]],
      ["products", "array", false, []],
      ["anything", "any", false, []],
      ["channel", "any", true, []],
    ]);
    expect(innerObject(found[2] as (typeof found)[number])).toEqual([
      ...PAYLOAD,
      "properties",
      "products",
      "items",
    ]);
  });
});

describe("a change at one place", () => {
  const places: [string, (schema: Schema) => Schema][] = [
    ["adds", (schema) => addProperty(schema, PAYLOAD, "mood", { type: "string" })],
    ["renames", (schema) => renameProperty(schema, PAYLOAD, "order_id", "id")],
    ["removes", (schema) => removeProperty(schema, PAYLOAD, "total")],
    ["requires", (schema) => setRequired(schema, PAYLOAD, "total", true)],
    [
      "describes",
      (schema) => patch(schema, [...PAYLOAD, "properties", "total"], { description: "with tax" }),
    ],
  ];

  it.each(places)("that %s leaves everything else as it was", (_, change) => {
    const changed = change(RULE);
    expect(changed.if).toBe(RULE.if);
    expect(changed.$schema).toBe(RULE.$schema);
    expect((changed.properties as Schema).context).toBe((RULE.properties as Schema).context);
    expect(rows(changed, PAYLOAD).find((row) => row.name === "products")?.schema).toBe(
      rows(RULE, PAYLOAD)[2]?.schema,
    );
  });

  it("keeps the order and what is required when a property is renamed", () => {
    const changed = renameProperty(RULE, PAYLOAD, "order_id", "id");
    expect(rows(changed, PAYLOAD).map((row) => [row.name, row.isRequired])).toEqual([
      ["id", true],
      ["total", false],
      ["products", false],
      ["anything", false],
      ["channel", true],
    ]);
    expect(renameProperty(RULE, PAYLOAD, "order_id", "total")).toBe(RULE);
  });

  it("makes the way to a place that is not there yet", () => {
    expect(addProperty({}, PAYLOAD, "a", { type: "string" })).toEqual({
      properties: { properties: { type: "object", properties: { a: { type: "string" } } } },
    });
  });

  it("takes `required` away with the last name in it", () => {
    const schema = setRequired({ required: ["a"], properties: { a: {} } }, [], "a", false);
    expect(schema).toEqual({ properties: { a: {} } });
  });
});

describe("types", () => {
  it("keeps null, and drops what means nothing for the new type", () => {
    const total = [...PAYLOAD, "properties", "total"];
    expect(rows(setType(RULE, total, "string"), PAYLOAD)[1]?.schema).toEqual({ type: ["string", "null"] });
    const order = [...PAYLOAD, "properties", "order_id"];
    expect(rows(setType(RULE, order, "date-time"), PAYLOAD)[0]?.schema).toEqual({
      type: "string",
      format: "date-time",
      pattern: "^o_",
      contentEncoding: "base64",
    });
    expect(rowType(rows(setType(RULE, order, "any"), PAYLOAD)[0]?.schema as Schema)).toBe("any");
  });

  it("knows several, and null beside one", () => {
    expect(rowType({ type: ["string", "integer"] })).toBe("several");
    expect([rowType({ type: "null" }), typeWords({ type: "null" })]).toEqual(["several", "nothing but null"]);
    expect(rowType({ type: ["string", "null"], format: "date-time" })).toBe("date-time");
    expect(setNullable({ type: "string" }, [], true)).toEqual({ type: ["string", "null"] });
    expect(setNullable({ type: ["string", "null"] }, [], false)).toEqual({ type: "string" });
    expect(setNullable({}, [], false)).toEqual({});
  });
});

describe("values", () => {
  it("are read by the type they are for", () => {
    expect(readValue("12", { type: "integer" })).toBe(12);
    expect(readValue("12", { type: "string" })).toBe("12");
    expect(readValue("12", {})).toBe("12");
    expect(readValue("null", { type: ["string", "null"] })).toBe(null);
    expect(readValue("x", { type: "integer" })).toBe("x");
  });

  it("are told in a few words", () => {
    expect(constraints({ enum: ["a", 1], minLength: 2, maxLength: 8, format: "email" })).toEqual([
      "one of a, 1",
      "email",
      "2 to 8 characters",
    ]);
    expect(constraints({ minimum: 0 })).toEqual(["at least 0"]);
  });
});
