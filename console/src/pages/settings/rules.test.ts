import { describe, expect, it } from "vitest";
import type { Field, IdentityDetail } from "~/api/schema";
import { added, changed, isPlain, moved, type Rule, removed, rulesOf, toFile } from "./rules";

const FIELDS = [
  { name: "period", default: "ever" },
  { name: "block", default: ["null"] },
  { name: "block_regex", default: ["^0*$"] },
  { name: "keys", default: [] },
] as unknown as Field[];

function detail(external_ids: object[], types: string[]): IdentityDetail {
  return {
    version: 1,
    identity: { external_ids },
    fields: [],
    rules: types.map((type) => ({ type })),
    rule_fields: FIELDS,
    default_rules: [{ type: "user_id", limit: 1 }],
    default_limit: 5,
  } as unknown as IdentityDetail;
}

const DEFAULT = rulesOf(detail([], ["user_id", "email", "anonymous_id"]));
const LISTED = rulesOf(detail([{ type: "phone", limit: 2 }], ["phone", "user_id", "email"]));
const types = (rules: { all: Rule[] }) => rules.all.map((rule) => rule.type);

describe("rules", () => {
  it("says nothing in the file while nothing is changed", () => {
    expect(toFile(DEFAULT, FIELDS)).toEqual([]);
    expect(toFile(LISTED, FIELDS)).toEqual([{ type: "phone", limit: 2 }]);
  });

  it("knows which of them say something", () => {
    const plain = detail([], []);
    expect(isPlain(DEFAULT.all[0] as Rule, plain)).toBe(true);
    expect(isPlain(LISTED.all[0] as Rule, plain)).toBe(false);
    expect(isPlain({ ...(DEFAULT.all[0] as Rule), limit: 1 }, plain)).toBe(true);
  });

  it("lists all before the one that is changed, so that their order stays", () => {
    const next = changed(DEFAULT, 1, { ...(DEFAULT.all[1] as Rule), limit: 3 });
    expect(types(next)).toEqual(types(DEFAULT));
    expect(toFile(next, FIELDS)).toEqual([{ type: "user_id" }, { type: "email", limit: 3 }]);
  });

  it("moves one, and lists both", () => {
    const next = moved(DEFAULT, 2, -1);
    expect(types(next)).toEqual(["user_id", "anonymous_id", "email"]);
    expect(toFile(next, FIELDS)).toHaveLength(3);
    expect(moved(DEFAULT, 0, -1)).toBe(DEFAULT);
    expect(moved(DEFAULT, 2, 1)).toBe(DEFAULT);
  });

  it("adds a type below those that are listed, and removes it again", () => {
    const next = added(LISTED, "crm_id", FIELDS);
    expect(types(next)).toEqual(["phone", "crm_id", "user_id", "email"]);
    expect(removed(next, 1)).toEqual(LISTED);
  });

  it("says only what is not as by default", () => {
    const rule = { ...(DEFAULT.all[0] as Rule), period: "weekly", block: [] };
    expect(toFile(changed(DEFAULT, 0, rule), FIELDS)).toEqual([
      { type: "user_id", period: "weekly", block: [] },
    ]);
  });
});
