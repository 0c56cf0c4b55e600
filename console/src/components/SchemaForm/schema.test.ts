import { describe, expect, it } from "vitest";
import {
  isShown,
  labelOf,
  mistakeIn,
  mistakesIn,
  type Setting,
  saidOf,
  settingsOf,
  withValue,
} from "./schema";

const SCHEMA = {
  properties: {
    timeout_s: { type: "integer", minimum: 1, maximum: 9, default: 5 },
    url: { type: "string", description: "Where to send." },
    api_key: { type: "string", writeOnly: true, default: "" },
    client_key: { type: "string", writeOnly: true, description: "PEM, of that certificate." },
    region: { enum: ["eu", "us"], default: "us" },
    tls: { type: "boolean", default: true },
    urls: { type: "array", items: { type: "string" }, default: [] },
    keys: { type: "array", items: { enum: ["a", "b"] } },
    lists: { type: "object", additionalProperties: { type: "integer" }, default: {} },
    extra: { type: "object", default: {} },
    zone: { type: "string", pattern: "^[a-z]+$", default: "" },
  },
  required: ["url"],
};

function named(name: string): Setting {
  return settingsOf(SCHEMA).find((each) => each.name === name) as Setting;
}

describe("settingsOf", () => {
  it("puts first what is needed", () => expect(settingsOf(SCHEMA)[0]?.name).toBe("url"));

  it.each([
    ["url", "text"],
    ["api_key", "secret"],
    ["client_key", "long secret"],
    ["timeout_s", "number"],
    ["region", "choice"],
    ["tls", "switch"],
    ["urls", "list"],
    ["keys", "choices"],
    ["lists", "map"],
    ["extra", "json"],
  ])("draws %s as %s", (name, kind) => expect(named(name).kind).toBe(kind));

  it("knows which values are numbers", () => {
    expect([named("lists").hasNumbers, named("urls").hasNumbers]).toEqual([true, false]);
  });
});

it("shows at once what must be given, and what nearly always is", () => {
  const properties = {
    id: { type: "string", "x-basic": true, default: "" },
    zone: { type: "string", default: "" },
  };
  const shown = settingsOf({ properties, required: [] }).filter((each) => each.isBasic);
  expect(shown.map((each) => each.name)).toEqual(["id"]);
  expect(named("url").isBasic).toBe(true);
});

it.each([
  ["shared_secret", "Shared secret"],
  ["api_key", "API key"],
  ["url", "URL"],
  ["batch_wait_s", "Batch wait (seconds)"],
])("calls %s %s", (name, label) => expect(labelOf(name)).toBe(label));

it.each([
  ["url", "", true],
  ["url", "https://a.b", false],
  ["timeout_s", 0, true],
  ["timeout_s", 10, true],
  ["timeout_s", undefined, false],
  ["zone", "A1", true],
  ["zone", "abc", false],
])("%s = %j is a mistake: %s", (name, value, isMistake) => {
  expect(Boolean(mistakeIn(named(name), value))).toBe(isMistake);
});

it("leaves out what is as it is by default", () => {
  expect(withValue({ url: "x", region: "eu" }, named("region"), "us")).toEqual({ url: "x" });
  expect(withValue({ url: "x" }, named("url"), "")).toEqual({ url: "" });
  expect(withValue({ url: "x", tls: false }, named("tls"), undefined)).toEqual({ url: "x" });
});

it("tells mistakes at their settings", () => {
  const problems = [
    { path: "settings.url", message: "is no address" },
    { path: "settings.headers.X", message: "must be text" },
    { path: "settings.urls[1]", message: "must be text" },
    { path: "name", message: "is taken" },
  ];
  expect(saidOf(problems)).toEqual({
    url: "is no address",
    headers: "X: must be text",
    urls: "[1]: must be text",
  });
  expect(mistakesIn(settingsOf(SCHEMA), {})).toEqual({ url: "Required." });
});

it("shows a setting while another has the value that gives it a meaning, and whenever it is set", () => {
  const settings = settingsOf({
    properties: {
      layout: { enum: ["one", "many"], default: "one" },
      table: { type: "string", "x-when": { setting: "layout", values: ["one"] } },
      user: { type: "string", default: "" },
      password: { type: "string", writeOnly: true, "x-when": { setting: "user", values: [] } },
    },
  });
  const shown = (values: Record<string, unknown>) =>
    settings.filter((each) => isShown(each, settings, values)).map((each) => each.name);
  expect(shown({})).toEqual(["layout", "table", "user"]);
  expect(shown({ layout: "many", user: "ann" })).toEqual(["layout", "user", "password"]);
  expect(shown({ layout: "many", password: "••••" })).toEqual(["layout", "user", "password"]);
});
