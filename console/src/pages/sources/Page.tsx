import { Button } from "@mantine/core";
import { IconBroadcast, IconPlus } from "@tabler/icons-react";
import { Link, useNavigate } from "@tanstack/react-router";
import { $api } from "~/api/client";
import { DataTable } from "~/components/DataTable";
import { May } from "~/components/May";
import { PageHeader } from "~/components/PageHeader";
import { Empty, Loaded } from "~/components/states";
import { counted } from "~/format/format";
import { columns } from "./columns";
import { useVolumes } from "./volumes";

const EVERY_MS = 10_000;
const SHOWN_MAX = 1_000;

export default function Page() {
  const query = $api.useQuery(
    "get",
    "/api/v1/sources",
    { params: { query: { limit: SHOWN_MAX } } },
    { refetchInterval: EVERY_MS },
  );
  const volumeOf = useVolumes();
  const navigate = useNavigate();
  const add = (
    <May role="editor">
      <Button
        leftSection={<IconPlus size={16} />}
        renderRoot={(props) => <Link to="/sources/-/new" {...props} />}
      >
        Add source
      </Button>
    </May>
  );
  return (
    <>
      <PageHeader
        title="Sources"
        description="Websites, servers and apps that send events. Each has its own write key."
        actions={query.data?.data.length ? add : undefined}
      />
      <Loaded query={query}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty icon={IconBroadcast} title="No sources yet" action={add}>
              A source is a website, server or app. Add one, paste a few lines of code, and watch the first
              event arrive.
            </Empty>
          ) : (
            <DataTable
              label="Sources"
              columns={columns(volumeOf)}
              rows={data}
              rowKey={(row) => row.name}
              rowHeight={61}
              onOpen={(row) => void navigate({ to: "/sources/$name", params: { name: row.name } })}
              footer={`${counted(data.length, "source")} · Violations, duplicates and rejected events of the last 24 hours`}
            />
          )
        }
      </Loaded>
    </>
  );
}
