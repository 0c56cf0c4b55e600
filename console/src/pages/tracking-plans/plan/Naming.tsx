/** What becomes of names that are nearly planned, and further names that a plan gives. */

import {
  ActionIcon,
  Button,
  Group,
  Paper,
  Select,
  Stack,
  Switch,
  Table,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { IconArrowRight, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useMay } from "~/api/session";
import { usePlan } from "./context";

export function Naming() {
  const { draft, update, problems } = usePlan();
  const mayEdit = useMay("editor");
  const aliases = Object.entries(draft.aliases);
  const planned = [...new Set(draft.rules.filter((rule) => rule.type === "track").map((rule) => rule.event))];
  const [sent, setSent] = useState("");
  const [meant, setMeant] = useState<string | null>(null);
  if (planned.length === 0) return null;

  return (
    <Paper p="md" component="section" aria-labelledby="naming">
      <Title order={2} size="h4" id="naming">
        Event name variants
      </Title>
      <Text size="sm" c="dimmed" mt={4} maw="44rem">
        <code>sign_up</code>, <code>signup</code> and <code>SignUp</code> are spellings of the same name. If
        “Sign Up” is planned, they can be treated as that event.
      </Text>
      <Stack mt="md">
        <Switch
          label="Rename variants to the planned name"
          description={
            draft.unify_names
              ? "Variants are renamed and checked against the rule of the planned name"
              : "Variants stay unplanned; the violation suggests the planned name"
          }
          checked={draft.unify_names}
          onChange={(event) => {
            const unify_names = event.currentTarget.checked;
            update((before) => ({ ...before, unify_names }));
          }}
          disabled={!mayEdit}
        />
        {aliases.length > 0 && (
          <Table.ScrollContainer minWidth={360}>
            <Table verticalSpacing={6}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Sent as</Table.Th>
                  <Table.Th aria-label="Renamed to" />
                  <Table.Th>Planned name</Table.Th>
                  <Table.Th aria-label="Actions" />
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {aliases.map(([name, target]) => (
                  <Table.Tr key={name}>
                    <Table.Td>{name}</Table.Td>
                    <Table.Td>
                      <IconArrowRight size={16} aria-hidden />
                    </Table.Td>
                    <Table.Td>
                      {target}
                      {problems
                        .filter(({ path }) => path === "aliases" || path === `aliases.${name}`)
                        .map(({ message }) => (
                          <Text key={message} size="sm" c="red">
                            {message}
                          </Text>
                        ))}
                    </Table.Td>
                    <Table.Td ta="right">
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        aria-label={`Remove the alias ${name} of ${target}`}
                        disabled={!mayEdit}
                        onClick={() =>
                          update((before) => {
                            const { [name]: _, ...rest } = before.aliases;
                            return { ...before, aliases: rest };
                          })
                        }
                      >
                        <IconX size={16} />
                      </ActionIcon>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
        {mayEdit && (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              if (!sent.trim() || !meant) return;
              update((before) => ({ ...before, aliases: { ...before.aliases, [sent.trim()]: meant } }));
              setSent("");
              setMeant(null);
            }}
          >
            <Group align="flex-end" gap="sm">
              <TextInput
                label="Sent as"
                value={sent}
                onChange={(event) => setSent(event.currentTarget.value)}
                placeholder="User Signed Up"
                flex="1 1 12rem"
                maw={280}
              />
              <Select
                label="Planned name"
                data={planned}
                value={meant}
                onChange={setMeant}
                searchable
                flex="1 1 12rem"
                maw={280}
              />
              <Button type="submit" variant="default" disabled={!sent.trim() || !meant}>
                Add alias
              </Button>
            </Group>
          </form>
        )}
      </Stack>
    </Paper>
  );
}
