/** What a role can do, in words; the API decides. */

import type { Role } from "~/api/schema";

interface RoleWords {
  label: string;
  /** After "can". */
  can: string;
  color: string;
}

export const ROLES: Record<Role, RoleWords> = {
  viewer: {
    label: "Viewer",
    can: "view everything except keys and secrets, but change nothing",
    color: "gray",
  },
  editor: {
    label: "Editor",
    can: "change sources, destinations, audiences and everything else except the team",
    color: "blue",
  },
  admin: {
    label: "Admin",
    can: "do everything, manage the team, and read secrets",
    color: "water",
  },
};

export const ROLE_NAMES: readonly Role[] = ["viewer", "editor", "admin"];
