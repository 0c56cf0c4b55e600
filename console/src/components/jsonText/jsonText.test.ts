import { describe, expect, it } from "vitest";
import { placeOf } from "./places";
import { pretty } from "./pretty";

describe("pretty", () => {
  it("indents and keeps every digit", () => {
    const text = '{"a":12345678901234567890,"b":[],"c":{},"d":[1,{"e":"x, {y}: \\"z\\""}]}';
    expect(pretty(text)).toBe(
      '{\n  "a": 12345678901234567890,\n  "b": [],\n  "c": {},\n  "d": [\n    1,\n    {\n      "e": "x, {y}: \\"z\\""\n    }\n  ]\n}',
    );
  });

  it("leaves alone what is no JSON", () => {
    expect(pretty("{oops")).toBe("{oops");
  });
});

describe("placeOf", () => {
  const text = '{"event": "A", "properties": {"v1.total": 5, "items": [{"sku": "x"}, {"sku": 7}]}}';
  const at = (path: string) => {
    const { from, to } = { ...placeOf(text, path) };
    return text.slice(from, to);
  };

  it.each([
    ["event", '"A"'],
    ["properties.items.1.sku", "7"],
    ["properties.v1.total", "5"],
    ["properties.missing", '"properties"'],
    ["properties.items.0.missing", '{"sku": "x"}'],
    ["userId", "{"],
    ["", text],
  ])("%s is found", (path, expected) => {
    expect(at(path)).toBe(expected);
  });

  it("bears what is no JSON", () => {
    expect(placeOf("", "a").from).toBe(0);
    expect(placeOf('{"a": ', "a").from).toBeGreaterThanOrEqual(0);
  });
});
