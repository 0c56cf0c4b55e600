/** What removing something would mean, as lines of a dialog. Pure. */

import type { Impact, Referrer } from "~/api/schema";

/** Numbers first, then who names it, then what follows. What is zero is not worth a line. */
export function consequencesOf(impact: Impact): string[] {
  const figures = impact.figures
    .filter((figure) => figure.count > 0)
    .map((figure) => `${figure.at_least ? "At least " : ""}${figure.count.toLocaleString()} ${figure.text}.`);
  return [...figures, ...told(impact.referrers), ...impact.consequences];
}

function told(referrers: Referrer[]): string[] {
  const removable = named(referrers.filter((each) => each.is_removable));
  const others = named(referrers.filter((each) => !each.is_removable));
  return [
    ...(removable.length > 0 ? [`It is removed from ${removable.join(", ")}.`] : []),
    ...(others.length > 0
      ? [
          `Change ${others.join(", ")} first: without it, ${others.length === 1 ? "it" : "they"} would mean something else.`,
        ]
      : []),
  ];
}

/** "the destination hook", each once. */
function named(referrers: Referrer[]): string[] {
  return [...new Set(referrers.map((each) => `the ${nouns[each.section] ?? each.section} ${each.name}`))];
}

const nouns: Record<string, string> = {
  sources: "source",
  destinations: "destination",
  tracking_plans: "tracking plan",
  transformations: "transformation",
  traits: "trait",
  audiences: "audience",
};
