/** From an event in a list to its path through the platform. */

import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";

export function WhatBecame({ messageId }: { messageId: string }) {
  return (
    <Button
      size="compact-xs"
      variant="subtle"
      renderRoot={(props) => <Link to="/events/$messageId" params={{ messageId }} {...props} />}
    >
      What became of it
    </Button>
  );
}
