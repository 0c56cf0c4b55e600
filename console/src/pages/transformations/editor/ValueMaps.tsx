/** For each property a table of values, and what each becomes. */

import { ActionIcon, Autocomplete, Button, Group, Paper, Stack, Text } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { without } from "../model/draft";
import { Pairs } from "./Pairs";
import { ValueInput } from "./ValueInput";

type Maps = Record<string, Record<string, unknown>>;

interface Props {
  value: Maps;
  onChange: (value: Maps) => void;
  proposals: string[];
  readOnly: boolean;
}

const NOTHING: string[] = [];

export function ValueMaps({ value, onChange, proposals, readOnly }: Props) {
  const [next, setNext] = useState("");
  const key = next.trim();
  return (
    <Stack gap="sm">
      {Object.entries(value).map(([path, map]) => (
        <Paper key={path} p="sm">
          <Group justify="space-between" mb={4}>
            <Text size="sm" fw={600}>
              <code>{path}</code>
            </Text>
            {!readOnly && (
              <ActionIcon
                variant="subtle"
                color="gray"
                onClick={() => onChange(without(value, path))}
                aria-label={`Remove the mapping of ${path}`}
              >
                <IconX size={16} />
              </ActionIcon>
            )}
          </Group>
          <Pairs<unknown>
            value={map}
            onChange={(changed) => onChange({ ...value, [path]: changed })}
            from="Value"
            to="New value"
            empty=""
            proposals={NOTHING}
            readOnly={readOnly}
            render={(field) => <ValueInput {...field} readOnly={readOnly} />}
          />
        </Paper>
      ))}
      {!readOnly && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (!key || key in value) return;
            onChange({ ...value, [key]: {} });
            setNext("");
          }}
        >
          <Group gap="xs" align="flex-end">
            <Autocomplete
              label="Property"
              data={proposals}
              value={next}
              onChange={setNext}
              flex="1 1 10rem"
              maw={300}
            />
            <Button
              type="submit"
              variant="default"
              leftSection={<IconPlus size={16} />}
              disabled={!key || key in value}
            >
              Add property
            </Button>
          </Group>
        </form>
      )}
    </Stack>
  );
}
