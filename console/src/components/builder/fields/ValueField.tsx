/** What something is compared with: a field that fits the operator and the type of the values that were seen. */

import { Autocomplete, Group, NumberInput, Select, TagsInput, TextInput } from "@mantine/core";
import { useState } from "react";
import type { Operator, Scalar, Value } from "../model/nodes";
import { OPERATORS } from "../model/operators";
import { asScalar, asScalars, type ScalarType, scalars, scalarType } from "../model/scalars";
import { DurationField } from "./DurationField";
import { widthOf } from "./Pick";

type Given = Exclude<Value, { side: string }>;

interface Props {
  operator: Operator;
  value: Given | undefined;
  onChange: (value: Given | undefined) => void;
  types: readonly string[];
  /** That were seen, as texts. */
  values: readonly string[];
  readOnly: boolean;
}

const SHOWN_MAX = 50;

export function ValueField({ operator, value, onChange, types, values, readOnly }: Props) {
  const { operand } = OPERATORS[operator];
  switch (operand) {
    case "none":
      return null;
    case "duration":
      return (
        <DurationField
          label="Time"
          value={typeof value === "string" ? value : "30d"}
          onChange={onChange}
          readOnly={readOnly}
        />
      );
    case "number":
      return <NumberField value={scalars(value)[0]} onChange={onChange} readOnly={readOnly} />;
    case "instant":
      return (
        <TextInput
          size="xs"
          w="13rem"
          aria-label="Date"
          placeholder="2026-01-31"
          value={String(scalars(value)[0] ?? "")}
          onChange={(event) => onChange(event.currentTarget.value)}
          readOnly={readOnly}
        />
      );
    case "many":
      return (
        <TagsInput
          size="xs"
          miw="12rem"
          maw="26rem"
          flex="1 1 12rem"
          aria-label="Values"
          placeholder={scalars(value).length === 0 ? "Type a value, then Enter" : undefined}
          data={values.slice(0, SHOWN_MAX)}
          value={scalars(value).map(String)}
          onChange={(tags) => onChange(asScalars(tags, scalars(value), types))}
          acceptValueOnBlur
          readOnly={readOnly}
        />
      );
    default:
      return (
        <OneField
          value={scalars(value)[0]}
          onChange={onChange}
          types={types}
          values={values}
          readOnly={readOnly}
        />
      );
  }
}

function NumberField({
  value,
  onChange,
  readOnly,
}: {
  value: Scalar | undefined;
  onChange: (value: number | undefined) => void;
  readOnly: boolean;
}) {
  return (
    <NumberInput
      size="xs"
      w={`${Math.min(Math.max(String(value ?? "").length, 3), 14) * 0.42 + 3.2}rem`}
      aria-label="Value"
      value={typeof value === "number" ? value : ""}
      onChange={(next) => onChange(typeof next === "number" ? next : undefined)}
      readOnly={readOnly}
    />
  );
}

/** One value of any type. The type can be chosen where it was not seen, or more than one was. */
function OneField(props: {
  value: Scalar | undefined;
  onChange: (value: Scalar | undefined) => void;
  types: readonly string[];
  values: readonly string[];
  readOnly: boolean;
}) {
  const { value, onChange, types, values, readOnly } = props;
  const [chosen, setChosen] = useState<ScalarType>();
  const type = chosen ?? scalarType(value, types);
  const known = types.filter((each) => each !== "null");
  const isSure = known.length === 1 && scalarType(undefined, known) === type;

  function choose(next: ScalarType) {
    setChosen(next);
    onChange(asScalar(String(value ?? ""), next));
  }

  return (
    <Group gap={4} wrap="nowrap">
      {type === "number" ? (
        <NumberField value={value} onChange={onChange} readOnly={readOnly} />
      ) : type === "boolean" ? (
        <Select
          size="xs"
          w="5.5rem"
          aria-label="Value"
          data={[
            { value: "true", label: "yes" },
            { value: "false", label: "no" },
          ]}
          value={value === undefined ? null : String(value)}
          onChange={(next) => onChange(next === null ? undefined : next === "true")}
          readOnly={readOnly}
        />
      ) : (
        <Autocomplete
          size="xs"
          w={widthOf(Math.min(Math.max(String(value ?? "").length, 14), 34))}
          aria-label="Value"
          placeholder="Value"
          data={[...new Set(values)].slice(0, SHOWN_MAX)}
          value={String(value ?? "")}
          onChange={onChange}
          readOnly={readOnly}
          maxDropdownHeight={240}
        />
      )}
      {!isSure && !readOnly && (
        <Select
          size="xs"
          w="5.5rem"
          variant="unstyled"
          aria-label="Type of the value"
          allowDeselect={false}
          data={[
            { value: "text", label: "as text" },
            { value: "number", label: "as number" },
            { value: "boolean", label: "yes / no" },
          ]}
          value={type}
          onChange={(next) => next && choose(next as ScalarType)}
          comboboxProps={{ width: 120 }}
        />
      )}
    </Group>
  );
}
