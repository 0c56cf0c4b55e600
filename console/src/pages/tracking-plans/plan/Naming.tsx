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
        Names that are nearly right
      </Title>
      <Text size="sm" c="dimmed" mt={4} maw="44rem">
        <code>sign_up</code>, <code>signup</code> and <code>SignUp</code> are one name written in different
        ways. If “Sign Up” is planned, they can be taken for it.
      </Text>
      <Stack mt="md">
        <Switch
          label="Give such events the planned name"
          description={
            draft.unify_names
              ? "They are renamed, and held to the rule of that name"
              : "They stay as they were sent, unplanned; the violation says which name they seem to mean"
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
                  <Table.Th aria-label="means" />
                  <Table.Th>Means</Table.Th>
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
                        aria-label={`Forget that ${name} means ${target}`}
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
                label="Another name, as it is sent"
                value={sent}
                onChange={(event) => setSent(event.currentTarget.value)}
                placeholder="User Signed Up"
                flex="1 1 12rem"
                maw={280}
              />
              <Select
                label="Means"
                data={planned}
                value={meant}
                onChange={setMeant}
                searchable
                flex="1 1 12rem"
                maw={280}
              />
              <Button type="submit" variant="default" disabled={!sent.trim() || !meant}>
                Add name
              </Button>
            </Group>
          </form>
        )}
      </Stack>
    </Paper>
  );
}
