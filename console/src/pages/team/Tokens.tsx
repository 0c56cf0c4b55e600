/** API tokens: for programs, with a role and an end. */

import { Badge, Button, Code, Group, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconKey, IconPlus } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { api } from "~/api/client";
import type { TokenLine } from "~/api/schema";
import { confirm } from "~/components/confirm";
import { type Column, DataTable } from "~/components/DataTable";
import { ROLES } from "~/components/roles";
import { Empty, Failed, Loading } from "~/components/states";
import { Time } from "~/components/Time";
import { counted, moment } from "~/format/format";
import { newToken } from "./newToken";
import { useLines } from "./useLines";

export function Tokens() {
  const { lines, error, isPending, more, isFetching, retry } = useLines<TokenLine>(
    "tokens",
    async (query, signal) => (await api.GET("/api/v1/team/tokens", { params: { query }, signal })).data,
  );
  if (isPending) return <Loading />;
  if (error) return <Failed error={error} retry={retry} />;
  const create = (
    <Button leftSection={<IconPlus size={16} />} onClick={newToken}>
      New token
    </Button>
  );
  if (lines.length === 0)
    return (
      <Empty icon={IconKey} title="No API tokens yet" action={create}>
        Programs use a token to call the API: to export an audience every night, apply the workspace file from
        your repository, or read metrics.
      </Empty>
    );
  return (
    <Stack>
      <Group justify="space-between">
        <Text c="dimmed" size="sm" maw="40rem">
          Send a token as <Code>Authorization: Bearer hwt_…</Code>, or set <Code>HEADWATER_TOKEN</Code> for
          the command line.
        </Text>
        {create}
      </Group>
      <DataTable
        label="API tokens"
        columns={COLUMNS}
        rows={lines}
        rowKey={(line) => line.id}
        onEnd={more}
        isFetching={isFetching}
        rowHeight={64}
        footer={counted(lines.length, "token")}
      />
    </Stack>
  );
}

const COLUMNS: Column<TokenLine>[] = [
  {
    key: "name",
    label: "Token",
    width: "minmax(13rem, 2fr)",
    isTitle: true,
    cell: (line) => (
      <div>
        <Text fw={550}>{line.name}</Text>
        <Text size="sm" c="dimmed" ff="monospace" fw={400}>
          {line.prefix}…
        </Text>
      </div>
    ),
  },
  {
    key: "role",
    label: "Role",
    width: "7rem",
    cell: (line) => <Badge color={ROLES[line.role].color}>{ROLES[line.role].label}</Badge>,
  },
  {
    key: "used",
    label: "Last used",
    width: "minmax(8rem, 1fr)",
    cell: (line) => (
      <Text size="sm" component="div">
        <Time at={line.used_at} />
      </Text>
    ),
  },
  {
    key: "ends",
    label: "Expires",
    width: "minmax(8rem, 1fr)",
    cell: (line) => <Ends line={line} />,
  },
  {
    key: "made",
    label: "Created",
    width: "minmax(9rem, 1fr)",
    cell: (line) => (
      <Text size="sm" component="div">
        <Time at={line.created_at} /> by {line.created_by}
      </Text>
    ),
  },
  { key: "actions", label: "", width: "6.5rem", align: "right", cell: (line) => <Revoke line={line} /> },
];

function Ends({ line }: { line: TokenLine }) {
  if (line.is_expired) return <Badge color="red">expired</Badge>;
  if (!line.ends_at)
    return (
      <Text size="sm" c="dimmed">
        never
      </Text>
    );
  return (
    <Text size="sm" component="div">
      <Time at={line.ends_at} />
    </Text>
  );
}

function Revoke({ line }: { line: TokenLine }) {
  const queries = useQueryClient();
  const revoke = () =>
    confirm({
      title: `Revoke ${line.name}`,
      children: "This cannot be undone: the program needs a new token.",
      consequences: async () => [
        "Every program that uses it is rejected from the next request on.",
        line.used_at ? `It was last used on ${moment(line.used_at)}.` : "It has never been used.",
      ],
      confirm: "Revoke token",
      act: async () => {
        await api.DELETE("/api/v1/team/tokens/{token_id}", { params: { path: { token_id: line.id } } });
        await queries.invalidateQueries();
        notifications.show({ message: `${line.name} has been revoked.`, color: "green" });
      },
    });
  return (
    <Button size="compact-sm" variant="default" onClick={revoke} aria-label={`Revoke ${line.name}`}>
      Revoke
    </Button>
  );
}
