import { expect, it } from "vitest";
import type { DeliveryReceipt } from "~/api/schema";
import { type ReceiptPage, unseen, whileEmpty } from "./useNewReceipts";

function page(...receipts: [id: string, at: string][]): ReceiptPage {
  return { data: receipts.map(([id, at]) => ({ id, at }) as DeliveryReceipt) };
}

const LISTED = [page(["c", "12:03"], ["b", "12:02"]), page(["a", "12:01"])];

it.each([
  ["nothing new", page(["c", "12:03"], ["b", "12:02"]), 0],
  ["what came after", page(["e", "12:05"], ["d", "12:03"], ["c", "12:03"]), 2],
  ["an older answer than the list", page(["b", "12:02"], ["a", "12:01"]), 0],
  ["what reached the list's end only now", page(["c", "12:03"], ["x", "12:00"]), 0],
])("counts %s", (_, newest, count) => expect(unseen(newest, LISTED)).toBe(count));

it("counts everything where nothing is listed", () => expect(unseen(page(["a", "1"]), [page()])).toBe(1));

it.each([
  [undefined, false],
  [{ pages: [page()], pageParams: [] }, 5_000],
  [{ pages: LISTED, pageParams: [] }, false],
])("asks again only while it is empty", (data, every) => expect(whileEmpty({ state: { data } })).toBe(every));
