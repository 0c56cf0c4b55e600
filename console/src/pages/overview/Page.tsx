/** How everything is going: what needs attention first, then rates, sources, destinations and the platform itself. */

import { Stack } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { PageHeader } from "~/components/PageHeader";
import { Loaded } from "~/components/states";
import { AttentionList } from "./AttentionList";
import { DeadLetterCard } from "./DeadLetterCard";
import { DestinationTable } from "./DestinationTable";
import { Figures } from "./Figures";
import { FirstSteps } from "./FirstSteps";
import classes from "./Overview.module.css";
import { Roles, StorageCard } from "./Platform";
import { Rates } from "./Rates";
import { SourceTable } from "./SourceTable";
import { useOverview } from "./useOverview";

export default function Page() {
  const { range = "live" } = useSearch({ from: "/shell/" });
  const { query, moments } = useOverview();
  return (
    <>
      <PageHeader
        title="Overview"
        description="What comes in, where it goes, and what needs your attention."
      />
      <Loaded query={query}>
        {(now) => (
          <Stack gap="md">
            {now.is_new && <FirstSteps sources={now.sources} />}
            {(!now.is_new || now.attention.length > 0) && <AttentionList items={now.attention} />}
            {!now.is_new && (
              <>
                <Figures now={now} moments={moments} />
                <Rates range={range} moments={moments} />
              </>
            )}
            <SourceTable sources={now.sources} />
            <DestinationTable destinations={now.destinations} />
            <div className={classes.columns}>
              <Roles now={now} />
              <DeadLetterCard letters={now.dead_letters} />
              <StorageCard now={now} />
            </div>
          </Stack>
        )}
      </Loaded>
    </>
  );
}
