/** What there is to ask: columns of the lake's view, events with their properties. A click writes it. */

import { Accordion, Badge, Group, Stack, Text, TextInput, Tooltip, UnstyledButton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { $api } from "~/api/client";
import type { SqlTable, Suggestion } from "~/api/schema";
import { Loaded } from "~/components/states";
import { compact } from "~/format/format";
import classes from "./Browser.module.css";

interface Props {
  tables: readonly SqlTable[];
  /** Writes a text where the cursor was last. */
  onInsert: (text: string) => void;
}

export function Browser({ tables, onInsert }: Props) {
  return (
    <Stack gap="md">
      {tables.map((table) => (
        <div key={table.name}>
          <Text fw={600} size="sm">
            {table.name}
          </Text>
          <Text size="xs" c="dimmed" mb={6}>
            {table.about}
          </Text>
          {table.columns.map((column) => (
            <Tooltip key={column.name} label={column.about} position="right" multiline maw={260}>
              <UnstyledButton className={classes.item} onClick={() => onInsert(column.name)}>
                <span>{column.name}</span>
                <Text span size="xs" c="dimmed">
                  {column.type.toLowerCase()}
                </Text>
              </UnstyledButton>
            </Tooltip>
          ))}
        </div>
      ))}
      <Events onInsert={onInsert} />
    </Stack>
  );
}

function Events({ onInsert }: Pick<Props, "onInsert">) {
  const [typed, setTyped] = useState("");
  const [prefix] = useDebouncedValue(typed, 200);
  const query = { kind: "event" as const, prefix, limit: 30 };
  const events = $api.useQuery("get", "/api/v1/schema/suggestions", { params: { query } });
  return (
    <div>
      <TextInput
        label="Events and their properties"
        placeholder="Find an event"
        size="xs"
        leftSection={<IconSearch size={12} />}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <Loaded query={events}>
        {({ data }) => (
          <Accordion
            variant="default"
            chevronSize={14}
            mt={4}
            classNames={{ control: classes.control, label: classes.name }}
          >
            {data.map((event) => (
              <Accordion.Item key={event.text} value={event.text}>
                <Accordion.Control>
                  <Group gap={6} justify="space-between" wrap="nowrap">
                    <Text size="sm" lineClamp={1}>
                      {event.text}
                    </Text>
                    <Badge size="sm" variant="default">
                      {compact(event.volume)}
                    </Badge>
                  </Group>
                </Accordion.Control>
                <Accordion.Panel>
                  <Properties event={event.text} onInsert={onInsert} />
                </Accordion.Panel>
              </Accordion.Item>
            ))}
          </Accordion>
        )}
      </Loaded>
    </div>
  );
}

function Properties({ event, onInsert }: { event: string; onInsert: (text: string) => void }) {
  const query = { kind: "property" as const, event, limit: 100 };
  const properties = $api.useQuery("get", "/api/v1/schema/suggestions", { params: { query } });
  return (
    <Loaded query={properties}>
      {({ data }) => (
        <>
          <UnstyledButton
            className={classes.item}
            onClick={() => onInsert(`event = '${event.replaceAll("'", "''")}'`)}
          >
            <Text span size="xs">
              only this event
            </Text>
          </UnstyledButton>
          {data.map((property) => (
            <UnstyledButton
              key={property.text}
              className={classes.item}
              onClick={() => onInsert(expressionOf(property))}
            >
              <span>{property.text}</span>
              <Text span size="xs" c="dimmed">
                {property.types.join(", ")}
              </Text>
            </UnstyledButton>
          ))}
        </>
      )}
    </Loaded>
  );
}

/** The value in SQL: text, or a number where all of them are numbers. What is in a list needs `unnest`: the list. */
export function expressionOf({ text, types }: Suggestion): string {
  const [path = ""] = text.split(/\.?\$/);
  const isNumber = types.length > 0 && types.every((type) => type === "number" || type === "integer");
  if (path !== text) return `body->'$.properties.${path}'`;
  return isNumber ? `(body->>'$.properties.${path}')::double` : `body->>'$.properties.${path}'`;
}
