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
    about: "Delete everything here, ask destinations to delete, and take no more events.",
    deletes: true,
  },
  DELETE_ONLY: {
    verb: "Delete",
    about: "Delete everything here and ask destinations to. New events are taken.",
    deletes: true,
  },
  SUPPRESS_ONLY: {
    verb: "Suppress",
    about: "Take no more events. What is stored stays.",
    deletes: false,
  },
  UNSUPPRESS: { verb: "Take events again", about: "Lift a suppression.", deletes: false },
  SUPPRESS_WITH_DELETE_INTERNAL: {
    verb: "Suppress and delete here only",
    about: "Delete everything here and take no more events. Destinations are not asked.",
    deletes: true,
  },
  DELETE_INTERNAL: {
    verb: "Delete here only",
    about: "Delete everything here. Destinations are not asked, new events are taken.",
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
      `It is about ${count(impact.subjects)} users; the numbers are those of the first ${count(impact.looked_at)}.`,
    );
  if (words.deletes) {
    lines.push(
      impact.profiles === 0
        ? "No profile has these user ids; what is stored under them goes all the same."
        : `${least}${counted(impact.profiles, "profile")} with ${counted(impact.profile_events, "event")} in the history will be gone for good, with every trait.`,
      impact.lake_events === null
        ? "Counting their events in the lake took too long: all of them go."
        : `${counted(impact.lake_events, "stored event")} in the lake will be removed, and the files written anew.`,
    );
    const members = impact.audiences.reduce((sum, each) => sum + each.members, 0);
    if (members > 0)
      lines.push(
        `${least}${counted(members, "membership")} in ${counted(impact.audiences.length, "audience")} will end: ${impact.audiences.map((each) => each.name).join(", ")}.`,
      );
    if (impact.accounts > 0) lines.push(`${counted(impact.accounts, "link")} to accounts will go.`);
    if (impact.asked.length > 0) lines.push(`Asked to delete as well: ${impact.asked.join(", ")}.`);
    if (impact.not_asked.length > 0)
      lines.push(`Cannot be asked, so delete there by hand: ${impact.not_asked.join(", ")}.`);
    if (impact.logs_gone_by)
      lines.push(`The last copy in the logs goes by age, by ${moment(impact.logs_gone_by)} at the latest.`);
  }
  if (type.startsWith("SUPPRESS"))
    lines.push("New events of these users will be refused within a second, and none is sent.");
  if (type === "UNSUPPRESS") lines.push("New events of these users will be taken and sent again.");
  if (impact.already_suppressed > 0 && type !== "UNSUPPRESS")
    lines.push(
      impact.subjects === 1
        ? "This user is suppressed already."
        : `${count(impact.already_suppressed)} of these users ${impact.already_suppressed === 1 ? "is" : "are"} suppressed already.`,
    );
  if (type === "UNSUPPRESS" && impact.already_suppressed === 0)
    lines.push(impact.subjects === 1 ? "This user is not suppressed." : "None of these users is suppressed.");
  if (impact.open_requests > 0)
    lines.push(
      `${counted(impact.open_requests, "request")} about these users ${impact.open_requests === 1 ? "is" : "are"} still under way.`,
    );
  return lines.map((line) => line.charAt(0).toUpperCase() + line.slice(1));
}

/** What has to be typed before it is done; undefined: nothing, it can be taken back. */
export function typedFor(type: string, userIds: readonly string[]): string | undefined {
  if (!wordsOf(type).deletes) return undefined;
  const [only] = userIds;
  return userIds.length === 1 && only ? only : `delete ${userIds.length} users`;
}
