/** Who was heard of last: what one sees before one has asked for anything. */

import { Button, Group, Text, Title } from "@mantine/core";
import { IconUser } from "@tabler/icons-react";
import { Link, useNavigate } from "@tanstack/react-router";
import { $api } from "~/api/client";
import { DataTable } from "~/components/DataTable";
import { Empty, Loaded } from "~/components/states";
import { count, counted } from "~/format/format";
import { COLUMNS } from "./columns";

const EVERY_MS = 15_000;

export function Recent({ onAll }: { onAll: () => void }) {
  const navigate = useNavigate();
  const query = $api.useQuery("get", "/api/v1/profiles/recent", undefined, { refetchInterval: EVERY_MS });
  return (
    <Loaded query={query}>
      {({ data, users, accounts }) =>
        users + accounts === 0 ? (
          <Empty
            icon={IconUser}
            title="No profiles yet"
            action={<Button renderRoot={(props) => <Link to="/sources" {...props} />}>Go to sources</Button>}
          >
            The first event with a user id or anonymous id creates the first profile.
          </Empty>
        ) : (
          <section aria-labelledby="recent">
            <Group justify="space-between" mb="xs">
              <Title order={2} size="h4" id="recent">
                Recently active
              </Title>
              <Button variant="default" size="xs" onClick={onAll}>
                Show all {count(users + accounts)}
              </Button>
            </Group>
            <DataTable
              label="Recently active profiles"
              columns={COLUMNS}
              rows={data}
              rowKey={(row) => row.segment_id}
              onOpen={(row) => void navigate({ to: "/profiles/$who", params: { who: row.segment_id } })}
              rowHeight={61}
              footer={
                <Text size="sm">
                  {counted(users, "person", "people")} and {counted(accounts, "account")} in total
                </Text>
              }
            />
          </section>
        )
      }
    </Loaded>
  );
}
