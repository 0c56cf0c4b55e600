import { describe, expect, it } from "vitest";
import type { Suggestion } from "~/api/schema";
import { optionsAt, placeAt } from "./complete";
import { csvOf } from "./csv";
import { mistakeOf } from "./mistake";

describe("mistakeOf", () => {
  it("finds the place that DuckDB points at", () => {
    const sql = "select type,\n  count(*) form events";
    const said =
      'Parser Error: syntax error at or near "events"\n\nLINE 2:   count(*) form events\n                        ^';
    const { mark, said: short } = mistakeOf(sql, said);
    expect(short).toBe('Parser Error: syntax error at or near "events"');
    expect(sql.slice(mark?.from, mark?.to)).toBe("events");
  });

  it("finds it in a line that is shown in part", () => {
    const sql = `select ${"a, ".repeat(60)}wrong from events`;
    const said = "Binder Error: no column\n\nLINE 1: ...a, a, wrong from events\n                       ^";
    const { mark } = mistakeOf(sql, said);
    expect(mark?.from).toBeGreaterThan(0);
  });

  it("is content with a message without a place", () => {
    expect(mistakeOf("select 1", "the statement was stopped")).toEqual({ said: "the statement was stopped" });
  });
});

describe("placeAt", () => {
  it.each([
    ["sel", { kind: "word", from: 0, written: "sel" }],
    ["select * from ev", { kind: "word", from: 14, written: "ev" }],
    ["where event = 'Ord", { kind: "event", from: 15, written: "Ord" }],
    ["where event in ('A', 'B", { kind: "event", from: 22, written: "B" }],
    ["body->>'$.properties.to", { kind: "path", root: "properties", from: 21, written: "to" }],
    ["body ->> '$.con", { kind: "root", from: 12, written: "con" }],
    ["where name = 'x", null],
  ])("%s", (text, expected) => {
    expect(placeAt(text)).toEqual(expected);
  });

  it("proposes the properties of the event that is asked for", async () => {
    const asked: unknown[] = [];
    const observe = async (...about: unknown[]): Promise<Suggestion[]> => {
      asked.push(about);
      return [{ text: "products.$.price", kind: "property", types: ["number"], volume: 1, detail: "" }];
    };
    const sql = "select body->>'$.properties.";
    const place = placeAt(sql);
    expect(place && (await optionsAt(place, `${sql} where event = 'Order'`, [], observe))[0]?.label).toBe(
      "products",
    );
    expect(asked).toEqual([["property", "", "Order"]]);
  });
});

it("writes cells so that spreadsheets read them", () => {
  const columns = ["a", "b,c"].map((name) => ({ name, type: "VARCHAR" }));
  expect(
    csvOf(columns, [
      ['say "x"', null],
      [{ k: [1] }, true],
    ]),
  ).toBe('a,"b,c"\r\n"say ""x""",\r\n"{""k"":[1]}",true\r\n');
});
