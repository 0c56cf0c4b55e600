import { expect, it } from "vitest";
import type { Attention } from "~/api/schema";
import { bySeverity, inRows } from "./attention";

function entry(rule: string, severity: Attention["severity"], subject = ""): Attention {
  const what = `${rule} of ${subject}`;
  return { rule, severity, subject, what, why: "", fix: "", link: "/", reasons: [] };
}

it("puts what is of one kind into the row of the first", () => {
  const rows = inRows([
    entry("destination_down", "critical", "crm"),
    entry("dead_letters", "warning", "crm"),
    entry("destination_down", "critical", "mail"),
    entry("dead_letters", "warning", "mail"),
  ]);
  expect(
    rows.map(({ item, others }) => [item.rule, item.subject, others.map(({ subject }) => subject)]),
  ).toEqual([
    ["destination_down", "crm", ["mail"]],
    ["dead_letters", "crm", ["mail"]],
  ]);
});

it("keeps apart what is not as bad, and what is about nothing in particular", () => {
  const rows = inRows([
    entry("lag", "critical", "crm"),
    entry("lag", "warning", "mail"),
    entry("dead_letters", "warning"),
    entry("dead_letters", "warning", "crm"),
  ]);
  expect(rows.map(({ others }) => others.length)).toEqual([0, 0, 0, 0]);
});

it("counts by severity, and leaves out what there is none of", () => {
  const items = [entry("a", "critical"), entry("b", "notice"), entry("c", "notice")];
  expect(bySeverity(items)).toEqual([
    ["critical", 1],
    ["notice", 2],
  ]);
  expect(bySeverity([])).toEqual([]);
});
