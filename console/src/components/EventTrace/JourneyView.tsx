/** One arrival of a message: how it ended and why, its path with every decision, and the event before and after. */

import { Title } from "@mantine/core";
import type { Journey } from "~/api/schema";
import { Body } from "./Body";
import { Deliveries } from "./Deliveries";
import classes from "./EventTrace.module.css";
import { Stages } from "./Stages";
import { Summary } from "./Summary";
import { Why } from "./Why";

export function JourneyView({ journey }: { journey: Journey }) {
  return (
    <div className={classes.journey}>
      <Summary journey={journey} />
      {journey.why && <Why why={journey.why} journey={journey} />}
      <div className={classes.columns}>
        <div className={classes.path}>
          <section aria-label="Stages">
            <Title order={3} size="h5" mb="sm">
              Path
            </Title>
            <Stages journey={journey} />
          </section>
          {journey.ended === "accepted" && (
            <section aria-label="Deliveries">
              <Title order={3} size="h5" mb="sm">
                Deliveries
              </Title>
              <Deliveries journey={journey} />
            </section>
          )}
        </div>
        <section aria-label="The event" className={classes.event}>
          <Title order={3} size="h5" mb="xs">
            Event
          </Title>
          <Body journey={journey} />
        </section>
      </div>
    </div>
  );
}
