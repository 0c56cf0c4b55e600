import { describe, expect, it } from "vitest";
import { lines, marked } from "./lines";

const EVENT = {
  event: "Order",
  properties: { total: "much", "a.b": 1, items: [{ sku: "x" }, { sku: 7 }], empty: {} },
};

describe("lines", () => {
  it("print the same as JSON does", () => {
    expect(
      lines(EVENT)
        .map((line) => line.text)
        .join("\n"),
    ).toBe(JSON.stringify(EVENT, null, 2));
  });
});

describe("a field", () => {
  const all = lines(EVENT);
  const at = (field: string) => {
    const { indexes, isMissing } = marked(all, field);
    return { lines: [...indexes].map((index) => all[index]?.text.trim()), isMissing };
  };

  it.each([
    ["event", ['"event": "Order",'], false],
    ["properties.total", ['"total": "much",'], false],
    ["properties.items.$.sku", ['"sku": "x"', '"sku": 7'], false],
    ["properties.a.b", ['"a.b": 1,'], false],
    ["properties.a\\.b", ['"a.b": 1,'], false],
    ["properties.order_id", ['"properties": {'], true],
    ["traits.email", [], true],
    ["(root)", ["{"], false],
  ])("%s is found", (field, expected, isMissing) => {
    expect(at(field)).toEqual({ lines: expected, isMissing });
  });
});
