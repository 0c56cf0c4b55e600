/** All computed traits: what each is, whether it is computed, who is told. */

import { Badge, Button } from "@mantine/core";
import { IconPlus, IconVariable } from "@tabler/icons-react";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import type { TraitLine } from "~/api/schema";
import { REDUCERS, reducerOfKind } from "~/components/builder/model/operators";
import type { Column } from "~/components/DataTable";
import { DefinitionList } from "~/components/definition/DefinitionList";
import { Destinations } from "~/components/definition/Destinations";
import { NameCell } from "~/components/definition/NameCell";
import { StatusCell } from "~/components/definition/Status";
import { May } from "~/components/May";
import { PageHeader } from "~/components/PageHeader";
import { Empty, Loaded } from "~/components/states";
import { useTraits } from "./queries";

export default function Page() {
  const query = useTraits();
  const search = useSearch({ from: "/shell/traits" });
  const navigate = useNavigate({ from: "/traits" });
  const make = (
    <May role="editor">
      <Button
        leftSection={<IconPlus size={16} />}
        renderRoot={(props) => <Link to="/traits/-/new" {...props} />}
      >
        New trait
      </Button>
    </May>
  );
  return (
    <>
      <PageHeader
        title="Traits"
        description="Values computed from events, such as order count or favorite brand, and kept up to date for every profile."
        actions={make}
      />
      <Loaded query={query}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty icon={IconVariable} title="No computed traits yet" action={make}>
              Revenue of the last 90 days, favorite product, first campaign: one value per profile, ready for
              audiences, destinations and the Profile API.
            </Empty>
          ) : (
            <DefinitionList
              noun="trait"
              lines={data}
              columns={COLUMNS}
              filter={search}
              onFilter={(filter) => void navigate({ search: filter, replace: true })}
              onOpen={({ key, collection }) =>
                void navigate({
                  to: "/traits/$key",
                  params: { key },
                  search: collection === "users" ? {} : { collection: "accounts" },
                })
              }
            />
          )
        }
      </Loaded>
    </>
  );
}

const COLUMNS: Column<TraitLine>[] = [
  {
    key: "name",
    label: "Trait",
    width: "minmax(0, 2fr)",
    isTitle: true,
    cell: (line) => <NameCell section="traits" line={line} />,
  },
  {
    key: "kind",
    label: "Kind",
    width: "13rem",
    cell: (line) => {
      const reducer = reducerOfKind(line.definition.kind);
      return reducer ? <Badge color="gray">{REDUCERS[reducer].label}</Badge> : null;
    },
  },
  { key: "status", label: "Status", width: "9rem", cell: (line) => <StatusCell line={line} /> },
  {
    key: "told",
    label: "Destinations",
    width: "minmax(0, 1.2fr)",
    cell: (line) => <Destinations names={line.destinations} />,
  },
];
