/** To the path of an event through the platform. */

import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

export function EventLink({ messageId, children }: { messageId: string; children: ReactNode }) {
  return (
    <Anchor
      inherit
      underline="always"
      renderRoot={(props) => <Link to="/events/$messageId" params={{ messageId }} {...props} />}
    >
      {children}
    </Anchor>
  );
}
