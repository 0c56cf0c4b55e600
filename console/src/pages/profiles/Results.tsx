/** What a search has found until now, and how far it is. */

import { Button, Group, Paper, Progress, Stack, Text } from "@mantine/core";
import { IconUserQuestion } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { DataTable } from "~/components/DataTable";
import { Empty, Failed, Loading } from "~/components/states";
import { count, counted } from "~/format/format";
import { COLUMNS } from "./columns";
import type { ProfilesSearch } from "./routes";
import { type Found, useProfiles } from "./useProfiles";

export function Results({ search }: { search: ProfilesSearch }) {
  const navigate = useNavigate();
  const found = useProfiles(search);
  if (found.error) return <Failed error={found.error} retry={found.refetch} />;
  if (found.isPending) return <Loading />;
  const { rows, hasMore } = found;
  return (
    <Stack gap="sm">
      <Walk found={found} />
      {rows.length > 0 && (
        <DataTable
          label="Profiles found"
          columns={COLUMNS}
          rows={rows}
          rowKey={(row) => row.segment_id}
          onOpen={(row) => void navigate({ to: "/profiles/$who", params: { who: row.segment_id } })}
          onEnd={found.more}
          isFetching={found.isLooking}
          rowHeight={61}
          footer={hasMore ? `${counted(rows.length, "profile")} so far` : counted(rows.length, "profile")}
        />
      )}
      {rows.length === 0 && !hasMore && (
        <Empty icon={IconUserQuestion} title="No profiles found">
          {search.q
            ? "Ids must match exactly, including upper and lower case. Names match by the start of each word."
            : "No profile matches all of these conditions."}
        </Empty>
      )}
    </Stack>
  );
}

/** Looking through everybody takes a while when there are many: how far it is, and a way to stop. */
function Walk({ found }: { found: Found }) {
  const { looked, total, exact, hasMore, isLooking, rows } = found;
  if (exact > 0 && looked === 0)
    return (
      <Paper p="sm">
        <Group justify="space-between">
          <Text size="sm">
            {exact === 1 ? "1 profile has" : `${count(exact)} profiles have`} exactly this id.
          </Text>
          <Button size="xs" variant="default" onClick={() => found.setWalking(true)}>
            Search for similar
          </Button>
        </Group>
      </Paper>
    );
  if (!hasMore || total <= rows.length || looked === rows.length) return null;
  return (
    <Paper p="sm">
      <Group justify="space-between" mb={6}>
        <Text size="sm" role="status">
          Searched {count(looked)} of about {count(Math.max(total, looked))} profiles
        </Text>
        {isLooking ? (
          <Button size="xs" variant="default" onClick={() => found.setWalking(false)}>
            Stop
          </Button>
        ) : (
          <Button size="xs" variant="default" onClick={() => found.setWalking(true)}>
            Continue
          </Button>
        )}
      </Group>
      <Progress
        value={(100 * looked) / Math.max(total, looked)}
        aria-label="Profiles searched"
        animated={isLooking}
        size="sm"
      />
    </Paper>
  );
}
