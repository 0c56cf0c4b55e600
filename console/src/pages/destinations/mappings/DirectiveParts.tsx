/** The argument of a directive that is an object: its parts. */

import { Select, Stack, Switch, Text, TextInput } from "@mantine/core";
import { PARTS, type Part } from "./directives";
import { MembersEditor } from "./MembersEditor";
import { ItemsEditor, ValueEditor, type ValueProps } from "./ValueEditor";
import { argumentOf, type DirectiveName, directive, type Kind, objectOf, type Value } from "./values";

export function DirectiveParts({ kind, value, onChange, ...props }: ValueProps & { kind: Kind }) {
  const name = kind as DirectiveName;
  const argument = objectOf(argumentOf(value));
  return (
    <Stack gap="xs">
      {(PARTS[name] ?? []).map((part) => (
        <PartEditor
          key={part.name}
          {...props}
          part={part}
          value={argument[part.name]}
          onChange={(next) => {
            const { [part.name]: _, ...others } = argument;
            onChange(directive(name, next === undefined ? others : { ...argument, [part.name]: next }));
          }}
        />
      ))}
    </Stack>
  );
}

function PartEditor({ part, label, value, onChange, places, readOnly }: ValueProps & { part: Part }) {
  const name = `${label}: ${part.label}`;
  switch (part.kind) {
    case "flag":
      return (
        <Switch
          label={part.label}
          checked={Boolean(value ?? part.fallback)}
          onChange={(event) => {
            const { checked } = event.currentTarget;
            onChange(checked === part.fallback ? undefined : checked);
          }}
          disabled={readOnly}
        />
      );
    case "choice":
      return (
        <Select
          label={part.label}
          aria-label={name}
          size="sm"
          data={part.choices ?? []}
          value={typeof value === "string" ? value : null}
          onChange={(chosen) => onChange(chosen)}
          allowDeselect={false}
          readOnly={readOnly}
          maw="16rem"
        />
      );
    case "text":
      if (value !== undefined && typeof value !== "string") break;
      return (
        <TextInput
          label={part.label}
          aria-label={name}
          size="sm"
          value={(value as string | undefined) ?? ""}
          onChange={(event) => onChange(event.currentTarget.value || (part.optional ? undefined : ""))}
          readOnly={readOnly}
          maw="16rem"
        />
      );
    case "values":
      return (
        <Labelled label={part.label}>
          <ItemsEditor
            label={name}
            value={Array.isArray(value) ? (value as Value[]) : []}
            onChange={onChange}
            places={places}
            readOnly={readOnly}
          />
        </Labelled>
      );
    case "object":
      return (
        <Labelled label={part.label}>
          <MembersEditor
            label={name}
            value={objectOf(value)}
            onChange={onChange}
            places={places}
            readOnly={readOnly}
          />
        </Labelled>
      );
  }
  return (
    <Labelled label={part.label}>
      <ValueEditor label={name} value={value} onChange={onChange} places={places} readOnly={readOnly} />
    </Labelled>
  );
}

function Labelled({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <Text size="sm" fw={500} mb={4}>
        {label}
      </Text>
      {children}
    </div>
  );
}
