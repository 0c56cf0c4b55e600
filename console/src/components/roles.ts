/** What a role may do, in words; the API decides. */

import type { Role } from "~/api/schema";

interface RoleWords {
  label: string;
  /** After "may". */
  may: string;
  color: string;
}

export const ROLES: Record<Role, RoleWords> = {
  viewer: {
    label: "Viewer",
    may: "look at everything but keys and secrets, and change nothing",
    color: "gray",
  },
  editor: {
    label: "Editor",
    may: "change sources, destinations, audiences and everything else but the team",
    color: "blue",
  },
  admin: {
    label: "Admin",
    may: "do everything, decide about the team, and read secrets",
    color: "water",
  },
};

export const ROLE_NAMES: readonly Role[] = ["viewer", "editor", "admin"];
