/** What of the events is looked at: a property or another field, and how its values are read. */

import { NumberInput, Text } from "@mantine/core";
import { useEditing } from "./context";
import { NameField } from "./fields/NameField";
import { Pick } from "./fields/Pick";
import type { Events, Reduced } from "./model/nodes";
import { REDUCERS } from "./model/operators";
import { splitPath } from "./model/paths";

interface Props {
  events: Events;
  reduced: Reduced;
  onChange: (fields: Partial<Reduced>) => void;
}

const TYPES: Record<string, string> = {
  "": "as sent",
  number: "as a number",
  string: "as text",
  array: "including list items",
};

export function ReducedFields({ events, reduced, onChange }: Props) {
  const { readOnly } = useEditing();
  const isPath = reduced.path !== undefined;
  const types = REDUCERS[reduced.reducer].types;
  return (
    <>
      <Pick
        aria-label="Where the value is"
        data={[
          { value: "property", label: "property" },
          { value: "path", label: "field" },
        ]}
        value={isPath ? "path" : "property"}
        readOnly={readOnly}
        onChange={(side) =>
          onChange(
            side === "path"
              ? { path: reduced.property ?? "", property: undefined }
              : { property: reduced.path ?? "", path: undefined },
          )
        }
      />
      <NameField
        label={isPath ? "Field of the event" : "Property"}
        kind={isPath ? null : "property"}
        event={events.name === true || !events.name ? undefined : events.name}
        value={(isPath ? reduced.path : reduced.property) ?? ""}
        onChange={(name) => onChange(isPath ? { path: name } : { property: name })}
        placeholder={isPath ? "context.page.url" : "total"}
        readOnly={readOnly}
      />
      {types.length > 0 && (
        <Pick
          aria-label="How values are read"
          data={["", ...types].map((type) => ({ value: type, label: TYPES[type] ?? type }))}
          value={reduced.asType ?? ""}
          readOnly={readOnly}
          onChange={(type) => onChange({ asType: type || undefined })}
        />
      )}
      {reduced.reducer === "most_frequent" && (
        <>
          <Text size="sm">if at least</Text>
          <NumberInput
            size="xs"
            w="4.5rem"
            min={1}
            allowDecimal={false}
            aria-label="How often it must occur at least"
            value={reduced.frequencyMin ?? 2}
            readOnly={readOnly}
            onChange={(next) => onChange({ frequencyMin: typeof next === "number" ? next : undefined })}
          />
          <Text size="sm">times</Text>
        </>
      )}
    </>
  );
}

/** The names from the top of an event down to what is looked at. */
export function reducedPath(events: Events, { property, path }: Reduced): string[] {
  return path !== undefined ? splitPath(path) : propertyPath(events, property ?? "");
}

/** Properties of identify and group calls are their traits. */
export function propertyPath(events: Events, property: string): string[] {
  if (property === "") return [];
  const top = events.call === "identify" || events.call === "group" ? "traits" : "properties";
  return [top, ...splitPath(property)];
}
