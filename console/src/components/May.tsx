/** A button that only some may press: everybody sees that it exists, and who may. */

import { Tooltip } from "@mantine/core";
import { cloneElement, type ReactElement } from "react";
import type { Role } from "~/api/schema";
import { useMay } from "~/api/session";

const WHO: Record<Role, string> = {
  viewer: "everyone",
  editor: "editors and admins",
  admin: "admins",
};

export function May({ role, children }: { role: Role; children: ReactElement<{ disabled?: boolean }> }) {
  const may = useMay(role);
  if (may) return children;
  return (
    <Tooltip label={`Only ${WHO[role]} can do this. Ask an admin to change your role.`}>
      {/* A disabled button takes no focus and no pointer, so its wrapper tells why. */}
      <span tabIndex={0} style={{ cursor: "not-allowed", display: "inline-block" }}>
        {cloneElement(children, { disabled: true })}
      </span>
    </Tooltip>
  );
}
