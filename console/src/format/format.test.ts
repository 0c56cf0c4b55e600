import { describe, expect, it } from "vitest";
import { ago, bytes, counted, duration } from "./format";

describe("format", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1_000, "1 kB"],
    [1_536_000, "1.5 MB"],
    [5e15, "5 PB"],
  ])("%d bytes are %s", (value, text) => expect(bytes(value)).toBe(text));

  it.each([
    [12, "12 ms"],
    [2_400, "2.4 s"],
    [120_000, "2 min"],
    [7_200_000, "2 h"],
    [864_000_000, "10 d"],
  ])("%d ms are %s", (value, text) => expect(duration(value)).toBe(text));

  it("counts one thing as one", () => {
    expect(counted(1, "audience")).toBe("1 audience");
    expect(counted(2_000, "person", "people")).toMatch(/^2.000 people$/);
  });

  it("tells how long ago something was in the largest unit that fits", () => {
    const now = Date.UTC(2026, 0, 10);
    expect(ago(now - 90_000, now)).toBe("2 minutes ago");
    expect(ago(now - 59_700, now)).toBe("1 minute ago");
    expect(ago(now + 3_599_000, now)).toBe("in 1 hour");
    expect(ago(now - 86_400_000, now)).toBe("yesterday");
    expect(ago(now, now)).toBe("now");
  });
});
