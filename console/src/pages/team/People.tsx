/** The teammates: what each may do, whether they have come yet, and what can be done about it. */

import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { IconUserPlus } from "@tabler/icons-react";
import { api } from "~/api/client";
import type { TeammateLine } from "~/api/schema";
import { useSession } from "~/api/session";
import { type Column, DataTable } from "~/components/DataTable";
import { Initials } from "~/components/Initials";
import { ROLES } from "~/components/roles";
import { Failed, Loading } from "~/components/states";
import { Time } from "~/components/Time";
import { counted } from "~/format/format";
import { invite } from "./invite";
import { PersonMenu } from "./PersonMenu";
import { useLines } from "./useLines";

export function People() {
  const me = useSession();
  const { lines, error, isPending, more, isFetching, retry } = useLines<TeammateLine>(
    "teammates",
    async (query, signal) => (await api.GET("/api/v1/team/members", { params: { query }, signal })).data,
  );
  if (isPending) return <Loading />;
  if (error) return <Failed error={error} retry={retry} />;
  return (
    <Stack>
      <Group justify="space-between">
        <Text c="dimmed" size="sm" maw="40rem">
          Headwater sends no email: you share the invitation link yourself.
        </Text>
        <Button leftSection={<IconUserPlus size={16} />} onClick={invite}>
          Invite teammate
        </Button>
      </Group>
      {lines.length === 0 ? (
        <Text c="dimmed">
          No teammates yet. You are using the admin token: invite yourself to get an account of your own.
        </Text>
      ) : (
        <DataTable
          label="Teammates"
          columns={columnsFor(me.id)}
          rows={lines}
          rowKey={(line) => line.id}
          onEnd={more}
          isFetching={isFetching}
          rowHeight={64}
          footer={counted(lines.length, "teammate")}
        />
      )}
    </Stack>
  );
}

function columnsFor(me: string): Column<TeammateLine>[] {
  return [
    {
      key: "who",
      label: "Teammate",
      width: "minmax(15rem, 2fr)",
      isTitle: true,
      cell: (line) => (
        <Group wrap="nowrap" gap="sm">
          <Initials name={line.name} />
          <div style={{ minWidth: 0 }}>
            <Group gap={6}>
              <Text fw={550} td={line.is_disabled ? "line-through" : undefined}>
                {line.name}
              </Text>
              {line.id === me && <Badge color="gray">you</Badge>}
            </Group>
            <Text size="sm" c="dimmed" fw={400} style={{ overflowWrap: "anywhere" }}>
              {line.email}
            </Text>
          </div>
        </Group>
      ),
    },
    {
      key: "role",
      label: "Role",
      width: "7rem",
      cell: (line) => <Badge color={ROLES[line.role].color}>{ROLES[line.role].label}</Badge>,
    },
    {
      key: "state",
      label: "Last signed in",
      width: "minmax(9rem, 1fr)",
      cell: (line) => <Standing line={line} />,
    },
    {
      key: "added",
      label: "Added",
      width: "minmax(9rem, 1fr)",
      cell: (line) => (
        <Text size="sm" component="div">
          <Time at={line.created_at} />
          {line.created_by === "setup" ? " at setup" : ` by ${line.created_by}`}
        </Text>
      ),
    },
    {
      key: "actions",
      label: "",
      width: "3.5rem",
      align: "right",
      cell: (line) => <PersonMenu line={line} isMe={line.id === me} />,
    },
  ];
}

function Standing({ line }: { line: TeammateLine }) {
  if (line.is_disabled) return <Badge color="red">disabled</Badge>;
  if (line.is_invited) return <Badge color="yellow">invited</Badge>;
  return (
    <Text size="sm" component="div">
      <Time at={line.signed_in_at} />
    </Text>
  );
}
