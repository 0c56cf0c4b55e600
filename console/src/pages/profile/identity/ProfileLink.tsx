/** Another profile, by a name that one can click. */

import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { shortened } from "./words";

export function ProfileLink({ segmentId, name }: { segmentId: string; name?: string }) {
  return (
    <Anchor
      inherit
      underline="always"
      renderRoot={(props) => (
        <Link to="/profiles/$who" params={{ who: segmentId }} search={{ tab: "identity" }} {...props} />
      )}
    >
      {name || shortened(segmentId)}
    </Anchor>
  );
}
