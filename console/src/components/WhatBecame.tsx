/** From an event in a list to its trace. */

import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";

export function WhatBecame({ messageId }: { messageId: string }) {
  return (
    <Button
      size="compact-xs"
      variant="subtle"
      renderRoot={(props) => <Link to="/events/$messageId" params={{ messageId }} {...props} />}
    >
      View trace
    </Button>
  );
}
