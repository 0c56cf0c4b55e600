/** A connection in words. Pure. */

import type { Connection, Send } from "~/api/schema";
import type { Section } from "../builder/draft";

/** What is sent; by default of audiences a track call as well as the traits. */
export function callsOf({ send }: Connection, section: Section, collection: string): Send[] {
  if (send && send.length > 0) return send;
  const about: Send = collection === "users" ? "identify" : "group";
  return section === "audiences" ? ["track", about] : [about];
}

/** The events of a connection that says nothing about them. */
export const EVENTS = {
  entered: "Audience Entered",
  exited: "Audience Exited",
  computed: "Trait Computed",
} as const;

/** Without what it would be anyway, so that the workspace file stays short. */
export function connectionOf(given: Required<Connection>): Connection {
  const { name, send, ids, traits, ...events } = given;
  const named = Object.entries(events).filter(
    ([key, event]) => event && event !== EVENTS[key as keyof typeof EVENTS],
  );
  return {
    name,
    send,
    ...Object.fromEntries(named),
    ...(Object.keys(ids).length > 0 && { ids }),
    ...(traits.length > 0 && { traits }),
  } as Connection;
}

const CHOICES = { all: "every", last_added: "the newest", first_added: "the first" } as const;

export function connectionWords(connection: Connection, section: Section, collection: string): string {
  const calls = callsOf(connection, section, collection);
  const said: string[] = [];
  if (calls.includes("track"))
    said.push(
      section === "audiences"
        ? `the events “${connection.entered ?? EVENTS.entered}” and “${connection.exited ?? EVENTS.exited}”`
        : `the event “${connection.computed ?? EVENTS.computed}”`,
    );
  if (calls.includes("identify") || calls.includes("group"))
    said.push(section === "audiences" ? "a true/false trait" : "the value as a trait");
  const ids = Object.entries(connection.ids ?? {});
  const under =
    ids.length > 0 ? ids.map(([type, which]) => `${CHOICES[which]} ${type}`).join(" and ") : "every id";
  const along = connection.traits?.length ? `, with ${connection.traits.join(", ")}` : "";
  return `Receives ${said.join(" and ")}, for ${under}${along}.`;
}
