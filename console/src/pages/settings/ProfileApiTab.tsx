/** Who may read profiles over the Profile API: tokens that are shown once, and how often they may ask. */

import {
  Alert,
  Button,
  Code,
  Group,
  Modal,
  NumberInput,
  Paper,
  Stack,
  Table,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconKey } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { $api, ApiError, api } from "~/api/client";
import type { Applied, MadeProfileToken, ProfileApi, ProfileApiDetail } from "~/api/schema";
import { useMay } from "~/api/session";
import { Copy } from "~/components/Copy";
import { confirm } from "~/components/confirm";
import { May } from "~/components/May";
import { review } from "~/components/review";
import { Failed, Loaded } from "~/components/states";

export default function ProfileApiTab() {
  const query = $api.useQuery("get", "/api/v1/profile-api");
  return (
    <Loaded query={query}>
      {(detail) => (
        <Stack maw={820}>
          <Tokens detail={detail} />
          <Rate key={String(detail.rate_limit)} detail={detail} />
        </Stack>
      )}
    </Loaded>
  );
}

function Tokens({ detail }: { detail: ProfileApiDetail }) {
  const queries = useQueryClient();
  const remove = (name: string) =>
    confirm({
      title: `Delete token ${name}`,
      children: "Programs that use it can no longer read profiles, from that moment on.",
      confirm: "Delete token",
      act: async () => {
        await api.DELETE("/api/v1/profile-api/tokens/{name}", { params: { path: { name }, query: {} } });
        await queries.invalidateQueries();
        notifications.show({ message: `Token ${name} has been deleted.`, color: "green" });
      },
    });
  return (
    <Paper p="md">
      <Title order={2} size="h5">
        Tokens
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        A token lets a program read every profile. It is shown only once, when you create it: give each
        program its own.
      </Text>
      {detail.tokens.length === 0 ? (
        <Text c="dimmed">No tokens yet. Create one to use the Profile API.</Text>
      ) : (
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Name</Table.Th>
              <Table.Th aria-label="Actions" />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {detail.tokens.map((name) => (
              <Table.Tr key={name}>
                <Table.Td>
                  <Group gap="xs">
                    <IconKey size={16} aria-hidden />
                    {name}
                  </Group>
                </Table.Td>
                <Table.Td ta="right">
                  <May role="editor">
                    <Button
                      size="compact-sm"
                      variant="subtle"
                      color="red"
                      onClick={() => remove(name)}
                      aria-label={`Delete ${name}`}
                    >
                      Delete
                    </Button>
                  </May>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      <Another />
    </Paper>
  );
}

function Another() {
  const [name, setName] = useState("");
  const [made, setMade] = useState<MadeProfileToken>();
  const queries = useQueryClient();
  const may = useMay("admin");
  const create = useMutation({
    mutationFn: async () =>
      (await api.POST("/api/v1/profile-api/tokens", { params: { query: {} }, body: { name: name.trim() } }))
        .data as MadeProfileToken,
    onSuccess: async (token) => {
      setMade(token);
      setName("");
      await queries.invalidateQueries();
    },
  });
  const { error } = create;
  const problem = error instanceof ApiError ? (error.problems[0]?.message ?? error.message) : undefined;
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (may && name.trim()) create.mutate();
        }}
      >
        <Group mt="md" align="flex-end">
          <TextInput
            label="New token"
            description="A name that says which program it is for."
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={problem}
            readOnly={!may}
            maxLength={64}
            flex="1 1 16rem"
            maw={360}
          />
          <May role="admin">
            <Button type="submit" loading={create.isPending} disabled={!name.trim()}>
              Create token
            </Button>
          </May>
        </Group>
      </form>
      {error && !problem && <Failed error={error} />}
      <Modal
        opened={made !== undefined}
        onClose={() => setMade(undefined)}
        title={`Token ${made?.name}`}
        size="lg"
      >
        {made && (
          <Stack>
            <Alert color="orange" title="Copy it now: it is shown only once">
              Keep it where your program keeps its secrets. If it gets lost, delete it and create a new one.
            </Alert>
            <Group wrap="nowrap">
              <Code fz="md" flex={1} style={{ overflowWrap: "anywhere" }}>
                {made.token}
              </Code>
              <Copy value={made.token} what="the token" label="Copy" />
            </Group>
            <Group justify="flex-end">
              <Button onClick={() => setMade(undefined)}>Done</Button>
            </Group>
          </Stack>
        )}
      </Modal>
    </>
  );
}

function Rate({ detail }: { detail: ProfileApiDetail }) {
  const [rate, setRate] = useState(detail.rate_limit);
  const may = useMay("editor");
  const save = () =>
    review({
      title: "Change the rate limit",
      ask: async (how) => {
        // A mask means the token that is stored under this name.
        const tokens = detail.tokens.map((name) => ({ name, token: "••••" }));
        const body: ProfileApi = { tokens, rate_limit: rate };
        const params = { query: { version: detail.version, ...how } };
        return (await api.PUT("/api/v1/profile-api", { params, body })).data as Applied;
      },
    });
  return (
    <Paper p="md">
      <Group align="flex-end">
        <NumberInput
          label="Rate limit"
          description="Requests per second for each token, with bursts of the same number. Leave empty for no limit."
          placeholder="No limit"
          suffix=" per second"
          value={rate ?? ""}
          onChange={(value) => setRate(typeof value === "number" ? value : null)}
          min={0}
          readOnly={!may}
          maw={420}
          flex="1 1 16rem"
        />
        <May role="editor">
          <Button variant="default" disabled={rate === detail.rate_limit} onClick={save}>
            Review and save
          </Button>
        </May>
      </Group>
    </Paper>
  );
}
