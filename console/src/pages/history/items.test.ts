import { expect, it } from "vitest";
import { byItem, itemOf, nameOf } from "./items";

it.each([
  ["destinations[crm]", "destinations[crm]"],
  ["destinations[crm].settings.url", "destinations[crm]"],
  ["audiences[vips accounts].where", "audiences[vips accounts]"],
  ["tracking_plans[Main].rules[Order Completed].schema", "tracking_plans[Main]"],
  ["sources[a.b].enabled", "sources[a.b]"],
  ["sources (order)", "sources"],
  ["settings.dedupe", "settings"],
  ["tier", "tier"],
])("%s is in %s", (path, item) => expect(itemOf(path)).toBe(item));

it("keeps what belongs together", () => {
  const changes = ["sources[a].enabled", "tier", "sources[a].rate_limit"].map((path) => ({
    action: "change" as const,
    path,
  }));
  expect(byItem(changes).map(({ path, changes: found }) => [path, found.length])).toEqual([
    ["sources[a]", 2],
    ["tier", 1],
  ]);
});

it.each([
  ["destinations[crm]", "destination crm"],
  ["tracking_plans[Main]", "tracking plan Main"],
  ["profile_api", "profile api"],
])("%s is called %s", (path, name) => expect(nameOf(path)).toBe(name));
