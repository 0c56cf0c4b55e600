import { describe, expect, it } from "vitest";
import { changedTo, KINDS, kindOf, placesOf, summary } from "./values";

describe("kindOf", () => {
  it.each([
    [{ "@path": "$.a" }, "@path"],
    [{ "@if": {}, _metadata: {} }, "@if"],
    [{ "@unknown": 1 }, "object"],
    [{ a: 1 }, "object"],
    [{}, "object"],
    ["x", "text"],
    [1, "number"],
    [false, "boolean"],
    [null, "null"],
    [[1], "list"],
  ])("%j is %s", (value, kind) => expect(kindOf(value)).toBe(kind));
});

describe("changedTo", () => {
  it.each(KINDS.map(({ kind }) => kind))("makes %s of anything", (kind) => {
    for (const { kind: before } of KINDS) expect(kindOf(changedTo(kind, changedTo(before, null)))).toBe(kind);
  });

  it("keeps what it can", () => {
    const path = { "@path": "$.traits.name" };
    expect(changedTo("@case", path)).toEqual({ "@case": { operator: "lower", value: path } });
    expect(changedTo("@template", path)).toEqual({ "@template": "{{ traits.name }}" });
    expect(changedTo("@liquid", { "@template": "{{ a }}" })).toEqual({ "@liquid": "{{ a }}" });
    expect(changedTo("text", { "@template": "Dear {{a}}" })).toBe("Dear {{a}}");
  });
});

function choice(parts: Record<string, unknown>, result: unknown) {
  // biome-ignore lint/suspicious/noThenProperty: the word of the directive
  return { "@if": { ...parts, then: result } };
}

describe("summary", () => {
  const email = { "@path": "$.traits.email" };
  it.each([
    [email, "traits.email"],
    [{ "@path": "$." }, "the whole event"],
    [choice({ exists: email, else: "none" }, email), 'traits.email, or else "none"'],
    [choice({ blank: email }, 1), "1 if traits.email is not blank"],
    [{ "@case": { operator: "upper", value: email } }, "traits.email in upper case"],
    [{ "@arrayPath": ["$.properties.products", {}] }, "each item of properties.products"],
    [{ "@merge": { objects: [email, { a: 1 }] } }, "traits.email + object of a"],
    [{ "@literal": "{{x}}" }, '"{{x}}"'],
    [null, "nothing"],
  ])("%j", (value, text) => expect(summary(value)).toBe(text));

  it("bears what is malformed", () => {
    for (const { kind } of KINDS)
      if (kind.startsWith("@")) expect(typeof summary({ [kind]: null })).toBe("string");
  });
});

describe("placesOf", () => {
  it("names every place, the first item of lists, and odd names", () => {
    const event = { properties: { items: [{ sku: "a" }, { sku: "b" }], "a.b": 1 } };
    expect(placesOf(event).map((place) => place.path)).toEqual([
      "$.properties",
      "$.properties.items",
      "$.properties.items[0]",
      "$.properties.items[0].sku",
      "$.properties['a.b']",
    ]);
  });

  it("is bounded", () => {
    const wide = Object.fromEntries(Array.from({ length: 999 }, (_, index) => [`a${index}`, index]));
    expect(placesOf(wide)).toHaveLength(200);
  });
});
