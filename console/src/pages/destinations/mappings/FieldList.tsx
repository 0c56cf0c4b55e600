/** The fields of an action: those that count first, the others folded away and found by name. */

import { Alert, Group, Stack, Text, TextInput, Title } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import type { FieldShape } from "~/api/schema";
import { Fold } from "~/components/Fold";
import { FieldRow } from "./FieldRow";
import { isFolded, matchingFields } from "./fields";
import type { Place, Value } from "./values";

interface Props {
  fields: FieldShape[];
  mapping: Record<string, Value>;
  onChange: (field: FieldShape, value: Value | undefined) => void;
  places: readonly Place[];
  /** What comes of the event at hand. */
  payload: Record<string, unknown> | null | undefined;
  /** By place: `mapping.email`; empty: of all fields together. */
  mistakes: Record<string, string>;
  readOnly: boolean;
}

/** With fewer fields one sees them all. */
const SEARCHED_MIN = 8;

export function FieldList({ fields, mapping, onChange, places, payload, mistakes, readOnly }: Props) {
  const [text, setText] = useState("");
  const [opened, setOpened] = useState(false);
  // What is set in this sitting stays where it was found.
  const [atFirst] = useState(mapping);
  const found = matchingFields(fields, text);
  const folded = found.filter((field) => isFolded(field, atFirst) && !(`mapping.${field.name}` in mistakes));
  const shown = found.filter((field) => !folded.includes(field));
  const isOpen = opened || text !== "";
  const draw = (field: FieldShape) => (
    <FieldRow
      key={field.name}
      field={field}
      value={mapping[field.name]}
      onChange={(value) => onChange(field, value)}
      places={places}
      result={payload?.[field.name]}
      mistake={mistakes[`mapping.${field.name}`]}
      readOnly={readOnly}
    />
  );
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Title order={2} size="h4">
          Fields
        </Title>
        <Text size="sm" c="dimmed">
          {Object.keys(mapping).length} of {fields.length} customized
        </Text>
      </Group>
      {fields.length >= SEARCHED_MIN && (
        <TextInput
          aria-label="Search fields"
          placeholder={`Search ${fields.length} fields`}
          leftSection={<IconSearch size={16} />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      )}
      {mistakes[""] && <Alert color="red">{mistakes[""]}</Alert>}
      {shown.map(draw)}
      {folded.length > 0 && (
        <Fold
          label={`Optional fields (${folded.length})`}
          isOpen={isOpen}
          onToggle={() => setOpened(!opened)}
          keepMounted={false}
        >
          <Stack gap="xs">{folded.map(draw)}</Stack>
        </Fold>
      )}
      {found.length === 0 && (
        <Text c="dimmed" size="sm">
          No fields match “{text}”.
        </Text>
      )}
    </Stack>
  );
}
