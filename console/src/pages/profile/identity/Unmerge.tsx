/** Before two profiles are put apart: both as they would be, beside each other. Afterwards: until it is done. */

import {
  Alert,
  Badge,
  Button,
  Group,
  List,
  Loader,
  Modal,
  Paper,
  SimpleGrid,
  Stack,
  Table,
  Text,
  Title,
} from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconArrowsSplit, IconCheck } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "~/api/client";
import { carriedOut } from "~/api/decisions";
import type { MergeEdge, Side, Unmerging } from "~/api/schema";
import { Failed, Loaded } from "~/components/states";
import { counted, moment } from "~/format/format";
import { valueText } from "~/format/value";
import { tintOf } from "./colors";
import { audienceRows, traitRows } from "./sides";
import { listOf, nameOf, shortened } from "./words";

export interface Wanted {
  merge: MergeEdge;
  /** Segment id of the profile that went away, and comes back. */
  other: string;
}

interface Props {
  who: string;
  wanted: Wanted;
  close: () => void;
}

export function Unmerge({ who, wanted, close }: Props) {
  const queries = useQueryClient();
  const body = { message_id: wanted.merge.event.message_id, other: wanted.other, dry_run: false };
  const path = `${who}/unmerge`;
  const preview = useQuery({
    queryKey: ["unmerge", who, body],
    queryFn: async (): Promise<Unmerging> => {
      const params = { path: { path }, query: { dry_run: true } };
      const { data } = await api.POST("/api/v1/profiles/{path}", { params, body });
      return data as Unmerging;
    },
    gcTime: 0,
  });
  const act = useMutation({
    mutationFn: async () => {
      const { data } = await api.POST("/api/v1/profiles/{path}", { params: { path: { path } }, body });
      const made = data as Unmerging;
      return made.decision == null ? "waiting" : carriedOut(made.decision);
    },
    onSuccess: async (status) => {
      // All but the preview: what it was asked about is not there any more.
      await queries.invalidateQueries({ predicate: (each) => each.queryKey[0] !== "unmerge" });
      if (status === "done") {
        notifications.show({
          color: "green",
          icon: <IconCheck size={18} />,
          title: "Profiles were split",
          message: "Each event went to the profile whose ids it has. Changes are sent to destinations.",
        });
        close();
      }
    },
  });
  const outcome = act.data;
  return (
    <Modal
      opened
      onClose={close}
      size="xl"
      title={<Text fw={650}>Undo merge</Text>}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Loaded query={preview}>
        {(found) => (
          <Stack>
            <Text size="sm">
              On {moment(found.merged_at)}, the event <b>{nameOf(wanted.merge.event)}</b> merged two profiles
              because it carried <b>{listOf(found.other_ids)}</b> and <b>{listOf(found.ids)}</b>. After the
              split, each event belongs to the profile whose ids it has, and both are recomputed.
            </Text>
            {found.sides ? (
              <Sides sides={found.sides} survivor={found.profile} />
            ) : (
              <Alert color="blue" title="Too many events for a preview">
                This profile has too many events to preview the result. You can still split it.
              </Alert>
            )}
            <Alert color="orange" title="What this does">
              <List size="sm">
                <List.Item>
                  {listOf(found.ids)} and {listOf(found.other_ids)} will never be merged again.
                </List.Item>
                <List.Item>
                  Profile {shortened(found.other)} is restored under its old segment id
                  {found.sides &&
                    sideOf(
                      found.sides,
                      found.other,
                      (side) => `, with ${counted(side.events_count, "event")}`,
                    )}
                  .
                </List.Item>
                <List.Item>
                  Every trait and audience that changes on either side is sent to destinations.
                </List.Item>
                <List.Item>The identity log keeps both the merge and this split.</List.Item>
              </List>
            </Alert>
            {act.isError && <Failed error={act.error} />}
            {outcome === "refused" && (
              <Alert color="red" title="Nothing was changed" role="alert">
                The merge was gone when the pipeline came to it. Somebody else may have undone it already.
              </Alert>
            )}
            {outcome === "waiting" && (
              <Alert color="blue" title="Scheduled" role="status">
                The pipeline is busy. The split is saved and will be carried out shortly.
              </Alert>
            )}
            <Group justify="flex-end">
              {act.isPending && (
                <Group gap="xs" role="status">
                  <Loader size="xs" aria-hidden />
                  <Text size="sm">Splitting…</Text>
                </Group>
              )}
              <Button variant="default" onClick={close} data-autofocus>
                {outcome ? "Close" : "Cancel"}
              </Button>
              {!outcome && (
                <Button
                  color="red"
                  leftSection={<IconArrowsSplit size={16} />}
                  loading={act.isPending}
                  onClick={() => act.mutate()}
                >
                  Split profiles
                </Button>
              )}
            </Group>
          </Stack>
        )}
      </Loaded>
    </Modal>
  );
}

function Sides({ sides, survivor }: { sides: Side[]; survivor: string }) {
  const rows = traitRows(sides);
  const audiences = audienceRows(sides);
  return (
    <SimpleGrid cols={{ base: 1, sm: Math.min(sides.length, 3) }}>
      {sides.map((side, at) => (
        <Paper key={side.segment_id} p="sm" component="section" aria-label={`Side ${at + 1}`}>
          <Group justify="space-between" mb={4}>
            <Title order={3} size="h6">
              {shortened(side.segment_id)}
            </Title>
            <Badge color={side.segment_id === survivor ? "water" : "violet"}>
              {side.segment_id === survivor ? "Kept" : "Restored"}
            </Badge>
          </Group>
          <Text size="sm" c="dimmed" mb="xs">
            {counted(side.events_count, "event")}
          </Text>
          <Group gap={4} mb="xs">
            {side.external_ids.map((id) => (
              <Badge
                key={`${id.type}:${id.value}`}
                color={tintOf(id.type)}
                title={`${id.type} ${id.value}`}
                maw="100%"
              >
                {id.value}
              </Badge>
            ))}
          </Group>
          <Table
            highlightOnHover={false}
            withRowBorders={false}
            verticalSpacing={2}
            aria-label="Traits and audiences of this profile"
          >
            <Table.Tbody>
              {rows.map((row) => (
                <Table.Tr key={row.key}>
                  <Table.Th fw={400} c="dimmed" w="45%" style={{ overflowWrap: "anywhere" }}>
                    {row.key}
                  </Table.Th>
                  <Table.Td fw={row.differs ? 600 : 400} style={{ overflowWrap: "anywhere" }}>
                    {shown(row.values[at])}
                  </Table.Td>
                </Table.Tr>
              ))}
              {audiences.map((row) => (
                <Table.Tr key={row.key}>
                  <Table.Th fw={400} c="dimmed" style={{ overflowWrap: "anywhere" }}>
                    {row.key}
                  </Table.Th>
                  <Table.Td>
                    {row.isIn[at] ? <Badge color="green">Member</Badge> : <Text size="sm">Not a member</Text>}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
          {rows.length === 0 && audiences.length === 0 && (
            <Text size="sm" c="dimmed">
              No traits or audiences.
            </Text>
          )}
        </Paper>
      ))}
    </SimpleGrid>
  );
}

function sideOf(sides: Side[], segmentId: string, words: (side: Side) => string): string {
  const side = sides.find((each) => each.segment_id === segmentId);
  return side ? words(side) : "";
}

function shown(value: unknown): string {
  return value === undefined ? "—" : valueText(value);
}
