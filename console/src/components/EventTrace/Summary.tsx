/** The answer first: how it ended, whose it is, how far it came, how long that took. */

import { Anchor, Group, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Journey } from "~/api/schema";
import { duration } from "~/format/format";
import { Time } from "../Time";
import { CopyAsCurl } from "./CopyAsCurl";
import { Ended } from "./Ended";
import classes from "./EventTrace.module.css";
import { envelopeOf } from "./useTrace";
import { reach } from "./words";

export function Summary({ journey }: { journey: Journey }) {
  const { type } = envelopeOf(journey);
  const deliveries = journey.deliveries ?? [];
  const settled = deliveries.filter((line) => line.status === "delivered").map((line) => line.at_ms ?? 0);
  const took = settled.length > 0 ? Math.max(...settled) - Date.parse(journey.received_at) : null;
  return (
    <div className={classes.summary}>
      <dl className={classes.facts}>
        <Fact label="Outcome">
          <Ended outcome={journey.ended} />
        </Fact>
        {type && <Fact label="Call">{type}</Fact>}
        <Fact label="Source">
          <Anchor
            inherit
            renderRoot={(props) => <Link to="/sources/$name" params={{ name: journey.source }} {...props} />}
          >
            {journey.source}
          </Anchor>
        </Fact>
        <Fact label="Received">
          <Time at={journey.received_at} exact />
        </Fact>
        {journey.profile_id && (
          <Fact label="Profile">
            <Anchor
              inherit
              renderRoot={(props) => (
                <Link to="/profiles/$who" params={{ who: journey.profile_id as string }} {...props} />
              )}
            >
              Open profile
            </Anchor>
          </Fact>
        )}
        {journey.ended === "accepted" && (
          <Fact label="Reach">
            {reach(deliveries)}
            {took !== null && took >= 0 && (
              <Text span inherit c="dimmed">
                {" "}
                in {duration(took)}
              </Text>
            )}
          </Fact>
        )}
      </dl>
      <Group gap="xs">
        <CopyAsCurl event={journey.received ?? journey.accepted} source={journey.source} />
      </Group>
    </div>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
