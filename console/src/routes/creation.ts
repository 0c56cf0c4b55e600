/**
 * Where things are made: `/sources/-/new`. No name and no key begins with `-`, so that the page of a source called
 * "new" is `/sources/new`. Until this was so, that address was the page that makes one; old links still lead there.
 */

import { redirect } from "@tanstack/react-router";

type Section = "sources" | "destinations" | "transformations" | "traits" | "audiences" | "replays";

/** For `beforeLoad` of the page of one item. */
export async function leadOnFromOldNew(section: Section, name: string): Promise<void> {
  if (name !== "new") return;
  const { ok } = await fetch(`/api/v1/${section}/new`, { credentials: "same-origin" });
  if (ok) return;
  throw redirect({ to: `/${section}/-/new`, search: true, replace: true });
}
