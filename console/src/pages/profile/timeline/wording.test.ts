import { expect, test } from "vitest";
import { glance, headline } from "./wording";

const told = (type: string, name: string, event: unknown = {}) => ({ type, name, event });

test.each([
  [told("track", "Order Completed"), "Order Completed"],
  [told("page", "Basket"), "Viewed page Basket"],
  [told("screen", ""), "Viewed a screen"],
  [told("identify", ""), "Identified"],
  [told("group", "", { groupId: "acme" }), "Joined account acme"],
  [told("alias", ""), "Linked ids"],
])("%j", (event, words) => {
  expect(headline(event)).toBe(words);
});

test("at a glance: what is no object, of properties or else traits", () => {
  const properties = { total: 12.5, gift: true, products: [{}], coupon: "FLASH" };
  expect(glance(told("track", "Order", { properties }))).toMatch(
    /^total: 12[.,]5 · gift: Yes · coupon: FLASH$/,
  );
  expect(glance(told("identify", "", { traits: { plan: "club" } }))).toBe("plan: club");
  expect(glance(told("alias", "", { previousId: "a1", userId: "u1" }))).toBe("a1 is u1");
  expect(glance(told("track", "Order", null))).toBe("");
});
