import { expect, it } from "vitest";
import { isOurs } from "./useEntering";

it.each(["/", "/sources?x=1", "/history#a"])("goes to %s", (address) => expect(isOurs(address)).toBe(true));

it.each([undefined, "", "//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)"])(
  "does not go to %s",
  (address) => expect(isOurs(address)).toBe(false),
);
