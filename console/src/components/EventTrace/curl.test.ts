import { expect, it } from "vitest";
import { asCurl } from "./curl";

const EVENT = {
  type: "track",
  messageId: "m1",
  event: "It's here",
  properties: { total: 1 },
  integrations: {},
  receivedAt: "2026-01-01T00:00:00.000Z",
};

it("sends what the sender has sent, quoted for a shell", () => {
  const made = asCurl(EVENT, { url: "https://cdp.example.com", writeKey: "wk_1" });
  expect(made).toContain("curl 'https://cdp.example.com/v1/track'");
  expect(made).toContain("-u 'wk_1:'");
  expect(made).toContain("It'\\''s here");
  expect(made).not.toContain("receivedAt");
  expect(made).not.toContain("integrations");
});

it("leaves a place for a key that one may not see", () => {
  const made = asCurl(EVENT, { url: "", writeKey: "••••" });
  expect(made).toContain('curl "$HEADWATER_URL/v1/track"');
  expect(made).toContain('-u "$WRITE_KEY:"');
});

it("makes a track call of what is no event", () => {
  expect(asCurl(7, { url: "", writeKey: "" })).toContain("/v1/track");
});
