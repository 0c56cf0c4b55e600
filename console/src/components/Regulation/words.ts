/** Privacy requests in words: what each type is, and what one would do. */

import type { RegulationImpact } from "~/api/schema";
import { count, counted, moment } from "~/format/format";

export type RegulationType =
  | "SUPPRESS_ONLY"
  | "UNSUPPRESS"
  | "DELETE_INTERNAL"
  | "SUPPRESS_WITH_DELETE_INTERNAL"
  | "DELETE_ONLY"
  | "SUPPRESS_WITH_DELETE";

export interface Words {
  /** On a button, with "of these users" left out. */
  verb: string;
  about: string;
  deletes: boolean;
}

/** The most frequent ones first. */
export const TYPES: Record<RegulationType, Words> = {
  SUPPRESS_WITH_DELETE: {
    verb: "Suppress and delete",
    about: "Delete all data here and in destinations, and stop collecting events.",
    deletes: true,
  },
  DELETE_ONLY: {
    verb: "Delete",
    about: "Delete all data here and in destinations. New events are still collected.",
    deletes: true,
  },
  SUPPRESS_ONLY: {
    verb: "Suppress",
    about: "Stop collecting events. Stored data stays.",
    deletes: false,
  },
  UNSUPPRESS: { verb: "Unsuppress", about: "Collect events again.", deletes: false },
  SUPPRESS_WITH_DELETE_INTERNAL: {
    verb: "Suppress and delete here only",
    about: "Delete all data here and stop collecting events. Destinations keep theirs.",
    deletes: true,
  },
  DELETE_INTERNAL: {
    verb: "Delete here only",
    about: "Delete all data here. Destinations keep theirs, and new events are still collected.",
    deletes: true,
  },
};

export function wordsOf(type: string): Words {
  return TYPES[type as RegulationType] ?? { verb: type, about: "", deletes: true };
}

/** What it would do, a line each; the worst first. */
export function consequencesOf(impact: RegulationImpact): string[] {
  const lines: string[] = [];
  const type = impact.regulation_type;
  const words = wordsOf(type);
  const least = impact.looked_at < impact.subjects ? "at least " : "";
  if (impact.looked_at < impact.subjects)
    lines.push(
      `${count(impact.subjects)} users; the numbers below are for the first ${count(impact.looked_at)}.`,
    );
  if (words.deletes) {
    lines.push(
      impact.profiles === 0
        ? "No profile has these user ids. Anything stored under them is deleted all the same."
        : `${least}${counted(impact.profiles, "profile")} with ${counted(impact.profile_events, "event")} will be permanently deleted, with every trait.`,
      impact.lake_events === null
        ? "Counting their events in the lake took too long. All of them are deleted."
        : `${counted(impact.lake_events, "stored event")} in the lake will be deleted.`,
    );
    const members = impact.audiences.reduce((sum, each) => sum + each.members, 0);
    if (members > 0)
      lines.push(
        `${least}${counted(members, "membership")} in ${counted(impact.audiences.length, "audience")} will end: ${impact.audiences.map((each) => each.name).join(", ")}.`,
      );
    if (impact.accounts > 0) lines.push(`${counted(impact.accounts, "link")} to accounts will be removed.`);
    if (impact.asked.length > 0) lines.push(`Deletion is also requested from: ${impact.asked.join(", ")}.`);
    if (impact.not_asked.length > 0)
      lines.push(`Delete by hand in: ${impact.not_asked.join(", ")} (deletion requests are not supported).`);
    if (impact.logs_gone_by)
      lines.push(`The last copy in the logs expires by ${moment(impact.logs_gone_by)}.`);
  }
  if (type.startsWith("SUPPRESS"))
    lines.push("New events of these users will be rejected within a second and not sent anywhere.");
  if (type === "UNSUPPRESS") lines.push("New events of these users will be collected and sent again.");
  if (impact.already_suppressed > 0 && type !== "UNSUPPRESS")
    lines.push(
      impact.subjects === 1
        ? "This user is already suppressed."
        : `${count(impact.already_suppressed)} of these users ${impact.already_suppressed === 1 ? "is" : "are"} already suppressed.`,
    );
  if (type === "UNSUPPRESS" && impact.already_suppressed === 0)
    lines.push(impact.subjects === 1 ? "This user is not suppressed." : "None of these users is suppressed.");
  if (impact.open_requests > 0)
    lines.push(
      `${counted(impact.open_requests, "request")} about these users ${impact.open_requests === 1 ? "is" : "are"} still in progress.`,
    );
  return lines.map((line) => line.charAt(0).toUpperCase() + line.slice(1));
}

/** What has to be typed before it is done; undefined: nothing, it can be taken back. */
export function typedFor(type: string, userIds: readonly string[]): string | undefined {
  if (!wordsOf(type).deletes) return undefined;
  const [only] = userIds;
  return userIds.length === 1 && only ? only : `delete ${userIds.length} users`;
}
