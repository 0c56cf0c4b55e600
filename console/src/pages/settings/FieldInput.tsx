/** One key of the workspace file: what it means, what it is by default, and the input that suits it. */

import {
  Anchor,
  Group,
  Input,
  NumberInput,
  Select,
  Switch,
  TagsInput,
  Text,
  TextInput,
  VisuallyHidden,
} from "@mantine/core";
import { useState } from "react";
import type { Field } from "~/api/schema";
import { Prose } from "~/components/Prose";
import { labelOf, said, shownText, suiting, unitsOf, writtenText } from "./amounts";

interface Props {
  field: Field;
  label?: string;
  /** What its choices are called. */
  choices?: Record<string, string> | undefined;
  value: unknown;
  onChange: (value: unknown) => void;
  mistake?: string | undefined;
  readOnly?: boolean;
}

export function FieldInput({
  field,
  label = labelOf(field.name),
  choices,
  value,
  onChange,
  mistake,
  readOnly,
}: Props) {
  const isDefault = JSON.stringify(value) === JSON.stringify(field.default);
  const about = (
    <>
      {field.description && <Prose>{`${field.description} `}</Prose>}
      <Default
        field={field}
        label={label}
        choices={choices}
        isDefault={isDefault}
        readOnly={readOnly}
        reset={() => onChange(field.default)}
      />
    </>
  );
  const common = { label, description: about, error: mistake, readOnly };
  if (field.type === "boolean")
    return (
      <Switch
        label={label}
        description={about}
        error={mistake}
        disabled={readOnly}
        checked={Boolean(value)}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    );
  if (field.type === "integer" || field.type === "number")
    return <Amount {...common} field={field} value={value as number | null} onChange={onChange} />;
  if (field.type === "list")
    return (
      <TagsInput
        {...common}
        value={((value ?? []) as unknown[]).map(shownText)}
        onChange={(items) => onChange(items.map(writtenText))}
        splitChars={[",", "\n"]}
        acceptValueOnBlur
        placeholder={readOnly ? undefined : "Type a value and press Enter"}
        maw="32rem"
      />
    );
  if (field.choices.length > 0)
    return (
      <Select
        {...common}
        data={field.choices.map((choice) => ({ value: choice, label: choices?.[choice] ?? choice }))}
        value={String(value)}
        onChange={(chosen) => chosen && onChange(chosen)}
        allowDeselect={false}
        maw="20rem"
      />
    );
  return (
    <TextInput
      {...common}
      value={String(value ?? "")}
      onChange={(event) => onChange(event.currentTarget.value)}
      autoComplete="off"
      spellCheck={false}
      maw="32rem"
    />
  );
}

interface DefaultProps {
  field: Field;
  label: string;
  choices: Record<string, string> | undefined;
  isDefault: boolean;
  readOnly: boolean | undefined;
  reset: () => void;
}

function Default({ field, label, choices, isDefault, readOnly, reset }: DefaultProps) {
  return (
    <>
      Default: {choices?.[String(field.default)] ?? said(field.default, field)}.
      {!isDefault && !readOnly && (
        <>
          {" "}
          <Anchor component="button" type="button" inherit underline="always" onClick={reset}>
            Reset
            <VisuallyHidden> {label}</VisuallyHidden>
          </Anchor>
        </>
      )}
    </>
  );
}

interface AmountProps {
  field: Field;
  label: string;
  description: React.ReactNode;
  error: string | undefined;
  readOnly: boolean | undefined;
  value: number | null;
  onChange: (value: number | null) => void;
}

function Amount({ field, label, description, error, readOnly, value, onChange }: AmountProps) {
  const units = unitsOf(field);
  const [unit, setUnit] = useState(() => suiting(value ?? 0, units));
  const size = unit?.size ?? 1;
  const shown = value === null ? "" : value / size;
  return (
    <Input.Wrapper label={label} description={description} error={error} labelElement="div">
      <Group gap="xs" mt={4} wrap="nowrap" maw="24rem">
        <NumberInput
          aria-label={label}
          flex={1}
          value={shown}
          min={field.minimum === null ? undefined : field.minimum / size}
          max={field.maximum === null ? undefined : field.maximum / size}
          clampBehavior="none"
          error={Boolean(error)}
          readOnly={readOnly}
          onChange={(written) =>
            onChange(typeof written === "number" ? rounded(written * size, field) : null)
          }
        />
        {units.length > 0 ? (
          <Select
            aria-label={`Unit of ${label}`}
            data={units.map((each) => each.name)}
            value={unit?.name ?? null}
            onChange={(name) => setUnit(units.find((each) => each.name === name))}
            allowDeselect={false}
            readOnly={readOnly}
            w={116}
          />
        ) : (
          field.unit && <Text size="sm">{field.unit}</Text>
        )}
      </Group>
    </Input.Wrapper>
  );
}

function rounded(value: number, field: Field): number {
  return field.type === "integer" ? Math.round(value) : value;
}
