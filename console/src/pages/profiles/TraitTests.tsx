/** Conditions about traits, one a line. They go into the address as they are written. */

import { ActionIcon, Autocomplete, Button, Group, Select, Stack, TextInput, Tooltip } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlus, IconX } from "@tabler/icons-react";
import { $api } from "~/api/client";
import { OPERATORS, operatorOf, type WrittenTest } from "./tests";

const CHOICES = OPERATORS.map(({ op, words }) => ({ value: op, label: words }));

interface Props {
  tests: WrittenTest[];
  onChange: (tests: WrittenTest[]) => void;
}

export function TraitTests({ tests, onChange }: Props) {
  const change = (at: number, next: Partial<WrittenTest>) =>
    onChange(tests.map((test, index) => (index === at ? { ...test, ...next } : test)));
  return (
    <Stack gap="xs" role="group" aria-label="Trait filters">
      {tests.map((test, index) => (
        <TraitLine
          // biome-ignore lint/suspicious/noArrayIndexKey: a condition is its place in the list
          key={index}
          test={test}
          onChange={(next) => change(index, next)}
          onRemove={() => onChange(tests.filter((_, at) => at !== index))}
        />
      ))}
      <div>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} />}
          onClick={() => onChange([...tests, { trait: "", op: "=" }])}
        >
          {tests.length === 0 ? "Filter by trait" : "Add filter"}
        </Button>
      </div>
    </Stack>
  );
}

interface LineProps {
  test: WrittenTest;
  onChange: (next: Partial<WrittenTest>) => void;
  onRemove: () => void;
}

function TraitLine({ test, onChange, onRemove }: LineProps) {
  const operator = operatorOf(test.op);
  return (
    <Group gap="xs" align="flex-end">
      <TraitName value={test.trait} onChange={(trait) => onChange({ trait })} />
      <Select
        label="Comparison"
        data={CHOICES}
        value={test.op}
        onChange={(op) => op && onChange({ op })}
        allowDeselect={false}
        w={{ base: "100%", xs: 170 }}
        size="sm"
      />
      {operator.example !== null && (
        <TextInput
          label="Value"
          placeholder={operator.example}
          value={test.value ?? ""}
          onChange={(event) => onChange({ value: event.currentTarget.value })}
          flex="1 1 8rem"
        />
      )}
      <Tooltip label="Remove filter">
        <ActionIcon variant="subtle" color="gray" size={36} onClick={onRemove} aria-label="Remove filter">
          <IconX size={16} />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}

/** The names that were observed are proposed; any other may be written. */
function TraitName({ value, onChange }: { value: string; onChange: (trait: string) => void }) {
  const [prefix] = useDebouncedValue(value, 200);
  const { data } = $api.useQuery("get", "/api/v1/schema/suggestions", {
    params: { query: { kind: "trait", prefix, limit: 20 } },
  });
  return (
    <Autocomplete
      label="Trait"
      placeholder="city"
      value={value}
      onChange={onChange}
      data={[...new Set(data?.data.map((each) => each.text) ?? [])]}
      flex="1 1 10rem"
    />
  );
}
