/** All audiences: how large, whether they are computed, how they went lately, who is told. */

import { Button, Text } from "@mantine/core";
import { IconPlus, IconTargetArrow } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { AudienceLine } from "~/api/schema";
import type { Column } from "~/components/DataTable";
import { DefinitionList } from "~/components/definition/DefinitionList";
import { Destinations } from "~/components/definition/Destinations";
import { NameCell } from "~/components/definition/NameCell";
import { StatusCell } from "~/components/definition/Status";
import { May } from "~/components/May";
import { PageHeader } from "~/components/PageHeader";
import { Sparkline } from "~/components/Sparkline";
import { Empty, Loaded } from "~/components/states";
import { count } from "~/format/format";
import { useAudiences, useSizes } from "./queries";
import { seriesOf } from "./series";

export default function Page() {
  const query = useAudiences();
  const search = useSearch({ from: "/shell/audiences" });
  const navigate = useNavigate({ from: "/audiences" });
  const make = (
    <May role="editor">
      <Button
        leftSection={<IconPlus size={16} />}
        renderRoot={(props) => <Link to="/audiences/-/new" {...props} />}
      >
        New audience
      </Button>
    </May>
  );
  return (
    <>
      <PageHeader
        title="Audiences"
        description="Groups of people or accounts that stay up to date as events arrive and time passes."
        actions={make}
      />
      <Loaded query={query}>
        {({ data }) => {
          if (data.length === 0)
            return (
              <Empty icon={IconTargetArrow} title="No audiences yet" action={make}>
                Describe who you want to reach, such as customers who bought three times this month. The
                audience fills from past events and then updates within a second.
              </Empty>
            );
          return (
            <DefinitionList
              noun="audience"
              lines={data}
              columns={COLUMNS}
              filter={search}
              onFilter={(filter) => void navigate({ search: filter, replace: true })}
              onOpen={({ key, collection }) =>
                void navigate({
                  to: "/audiences/$key",
                  params: { key },
                  search: collection === "users" ? {} : { collection: "accounts" },
                })
              }
            />
          );
        }}
      </Loaded>
    </>
  );
}

const COLUMNS: Column<AudienceLine>[] = [
  {
    key: "name",
    label: "Audience",
    width: "minmax(0, 2fr)",
    isTitle: true,
    cell: (line) => <NameCell section="audiences" line={line} />,
  },
  {
    key: "size",
    label: "Members",
    width: "7rem",
    align: "right",
    cell: (line) => <Text className="hw-figures">{count(line.size)}</Text>,
  },
  { key: "lately", label: "Last 7 days", width: "8rem", cell: (line) => <Lately line={line} /> },
  { key: "status", label: "Status", width: "9rem", cell: (line) => <StatusCell line={line} /> },
  {
    key: "told",
    label: "Destinations",
    width: "minmax(0, 1.2fr)",
    cell: (line) => <Destinations names={line.destinations} />,
  },
];

function Lately({ line }: { line: AudienceLine }) {
  const { data } = useSizes(line.key, line.collection, "7d");
  if (!data) return null;
  const series = seriesOf(data.data, line.size, "7d", Date.now());
  const change = line.size - (series[0]?.size ?? line.size);
  return (
    <Sparkline
      points={series.map((bucket) => bucket.size)}
      label={`Members of ${line.key} over the last 7 days: ${change >= 0 ? "+" : "−"}${count(Math.abs(change))}`}
    />
  );
}
