/** Its name, and the end of it. */

import { Button, Group, Paper, Stack, Table, Text, TextInput, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { AudienceLine, TraitLine } from "~/api/schema";
import { useMay } from "~/api/session";
import type { Section } from "../builder/draft";
import { confirm } from "../confirm";
import { consequencesOf } from "../impact";
import { May } from "../May";
import { Failed } from "../states";
import { impactOf, itemOf, put, remove } from "./save";

interface Props {
  section: Section;
  line: TraitLine | AudienceLine;
  /** Goes to where it is not missed: asked for again, it would not be there. */
  onDeleted: () => Promise<void>;
}

export function SettingsTab({ section, line, onDeleted }: Props) {
  const queries = useQueryClient();
  const may = useMay("editor");
  const [name, setName] = useState(line.name);
  const noun = section === "audiences" ? "audience" : "trait";
  const rename = useMutation({
    mutationFn: () => put(section, line.key, itemOf(section, line, { name })),
    onSuccess: async () => {
      await queries.invalidateQueries();
      notifications.show({ message: "Renamed.", color: "green" });
    },
  });

  function ask() {
    confirm({
      title: `Delete ${noun} ${line.name || line.key}`,
      children:
        "This creates a new workspace version. You can roll it back on the History page; values are then recomputed.",
      consequences: async () => consequencesOf(await impactOf(section, line)),
      confirm: `Delete ${noun}`,
      typed: line.key,
      act: async () => {
        await remove(section, line);
        await onDeleted();
        await queries.invalidateQueries();
        notifications.show({ message: `${line.name || line.key} was deleted.` });
      },
    });
  }

  return (
    <Stack maw="44rem">
      <Paper p="md">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            rename.mutate();
          }}
        >
          <Group align="flex-end">
            <TextInput
              label="Name"
              description="Shown in the console. The key stays the same."
              placeholder={line.key}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              readOnly={!may}
              flex="1 1 16rem"
            />
            <May role="editor">
              <Button type="submit" disabled={name === line.name} loading={rename.isPending}>
                Save name
              </Button>
            </May>
          </Group>
          {rename.error && <Failed error={rename.error} />}
        </form>
      </Paper>
      <Paper p="md">
        <Table variant="vertical" layout="fixed" withRowBorders={false} verticalSpacing={4}>
          <Table.Tbody>
            <Table.Tr>
              <Table.Th w={140}>Key</Table.Th>
              <Table.Td>
                <code>{line.key}</code>
              </Table.Td>
            </Table.Tr>
            <Table.Tr>
              <Table.Th>Profiles</Table.Th>
              <Table.Td>{line.collection === "users" ? "People" : "Accounts"}</Table.Td>
            </Table.Tr>
            <Table.Tr>
              <Table.Th>Last changed in</Table.Th>
              <Table.Td>Workspace version {line.version}</Table.Td>
            </Table.Tr>
          </Table.Tbody>
        </Table>
      </Paper>
      <Paper p="md">
        <Title order={2} size="h5">
          {`Delete this ${noun}`}
        </Title>
        <Text size="sm" c="dimmed" mb="sm">
          You will see exactly what is affected before anything is deleted.
        </Text>
        <May role="editor">
          <Button color="red" variant="light" onClick={ask}>
            Delete…
          </Button>
        </May>
      </Paper>
    </Stack>
  );
}
