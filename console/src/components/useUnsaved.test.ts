import { expect, it } from "vitest";
import { isSame } from "./useUnsaved";

const at = (pathname: string, search: object = {}) => ({ pathname, search });

it.each([
  [at("/settings", { tab: "identity" }), at("/settings", { tab: "identity", rule: "email" }), true],
  [at("/settings"), at("/settings"), true],
  [at("/settings"), at("/settings", { tab: "identity" }), false],
  [at("/sources/a", { tab: "settings" }), at("/sources/b", { tab: "settings" }), false],
])("%j → %j is the same place: %s", (a, b, same) => expect(isSame(a, b)).toBe(same));
