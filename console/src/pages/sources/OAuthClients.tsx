/** Servers that authenticate with signed assertions. When a source has any, its write key alone is not enough. */

import { Button, Group, Paper, Stack, Text, Textarea, TextInput, Title } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import type { OAuthClient } from "~/api/schema";

interface Props {
  value: OAuthClient[];
  onChange: (value: OAuthClient[]) => void;
  readOnly: boolean;
  mistakes: Record<string, string>;
}

export function OAuthClients({ value, onChange, readOnly, mistakes }: Props) {
  const set = (index: number, change: Partial<OAuthClient>) =>
    onChange(value.map((client, at) => (at === index ? { ...client, ...change } : client)));
  return (
    <Paper p="md">
      <Title order={2} size="h5">
        OAuth clients
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        If you add a client, requests need an access token that the client obtains with a signed assertion.
        Use this for servers that can keep a private key.
      </Text>
      <Stack>
        {value.map((client, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a client has no identity while it is being written
          <Paper key={index} p="sm">
            <Stack gap="sm">
              <Group grow align="flex-start">
                <TextInput
                  label="Client ID"
                  value={client.id}
                  onChange={(event) => set(index, { id: event.currentTarget.value })}
                  error={mistakes[`oauth_clients[${index}].id`]}
                  readOnly={readOnly}
                />
                <TextInput
                  label="Key ID"
                  value={client.key_id ?? ""}
                  onChange={(event) => set(index, { key_id: event.currentTarget.value })}
                  readOnly={readOnly}
                />
              </Group>
              <Textarea
                label="Public key"
                description="RSA, in PEM format"
                value={client.public_key}
                onChange={(event) => set(index, { public_key: event.currentTarget.value })}
                error={mistakes[`oauth_clients[${index}].public_key`]}
                readOnly={readOnly}
                autosize
                minRows={3}
                maxRows={8}
                spellCheck={false}
                styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: "0.8rem" } }}
              />
              {!readOnly && (
                <Group>
                  <Button
                    size="xs"
                    variant="subtle"
                    color="red"
                    leftSection={<IconTrash size={14} />}
                    onClick={() => onChange(value.filter((_, at) => at !== index))}
                  >
                    Remove {client.id || "this client"}
                  </Button>
                </Group>
              )}
            </Stack>
          </Paper>
        ))}
        {!readOnly && (
          <div>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconPlus size={14} />}
              onClick={() => onChange([...value, { id: "", public_key: "", key_id: "" }])}
            >
              Add client
            </Button>
          </div>
        )}
      </Stack>
    </Paper>
  );
}
