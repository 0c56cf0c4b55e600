/** Everything about one property that has no room in its row. */

import {
  MultiSelect,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  TagsInput,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import {
  allowsNull,
  isSchema,
  type Place,
  patch,
  type RowType,
  readValue,
  rowType,
  type Schema,
  schemaAt,
  setNullable,
  setType,
  setTypes,
  TYPES,
  typesOf,
  valueText,
} from "../../model/schema";

interface Props {
  schema: Schema;
  place: Place;
  path: string;
  hidden: string[];
  onChange: (schema: Schema) => void;
  readOnly: boolean;
}

const FORMATS = ["date-time", "date", "time", "email", "uri", "uuid", "ipv4", "ipv6", "hostname"];

const JSON_TYPES = ["string", "integer", "number", "boolean", "object", "array", "null"];

export function PropertyDetails({ schema, place, path, hidden, onChange, readOnly }: Props) {
  const own = schemaAt(schema, place);
  const type = rowType(own);
  const types = typesOf(own);
  const set = (keywords: Schema) => onChange(patch(schema, place, keywords));
  const isText = type === "any" || types.includes("string");
  const isNumber = types.includes("number") || types.includes("integer");

  return (
    <Stack gap="sm">
      <Textarea
        label="Description"
        value={text(own.description)}
        onChange={(event) => set({ description: event.currentTarget.value || undefined })}
        autosize
        minRows={1}
        readOnly={readOnly}
      />
      {type === "several" && (
        <MultiSelect
          label="Types"
          data={JSON_TYPES}
          value={types}
          onChange={(next) => onChange(setTypes(schema, place, next))}
          readOnly={readOnly}
        />
      )}
      <Switch
        label="Allow null"
        description={
          type === "any"
            ? "Any value is allowed, including null"
            : "The property may be present without a value"
        }
        checked={type === "any" || allowsNull(own)}
        onChange={(event) => onChange(setNullable(schema, place, event.currentTarget.checked))}
        disabled={readOnly || type === "any"}
      />
      {type !== "object" && type !== "array" && (
        <TagsInput
          label="Allowed values"
          description="Press Enter after each. Leave empty to allow all."
          value={Array.isArray(own.enum) ? own.enum.map(valueText) : []}
          onChange={(next) =>
            set({ enum: next.length ? next.map((each) => readValue(each, own)) : undefined })
          }
          readOnly={readOnly}
        />
      )}
      {isText && type !== "date-time" && (
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          <TextInput
            label="Pattern"
            description="A regular expression (no look-around)"
            value={text(own.pattern)}
            onChange={(event) => set({ pattern: event.currentTarget.value || undefined })}
            readOnly={readOnly}
            placeholder="^o_[0-9]+$"
          />
          <Select
            label="Format"
            description="For example a date or an email"
            data={FORMATS}
            value={text(own.format) || null}
            onChange={(next) => set({ format: next ?? undefined })}
            clearable
            readOnly={readOnly}
            placeholder="any"
          />
        </SimpleGrid>
      )}
      {isText && type === "string" && (
        <Bounds
          own={own}
          least="minLength"
          most="maxLength"
          noun="characters"
          set={set}
          readOnly={readOnly}
        />
      )}
      {isNumber && (
        <Bounds
          own={own}
          least="minimum"
          most="maximum"
          noun=""
          set={set}
          readOnly={readOnly}
          isWhole={false}
        />
      )}
      {types.includes("array") && (
        <>
          <Select
            label="Item type"
            data={[...TYPES]}
            value={isSchema(own.items) ? rowType(own.items) : "any"}
            onChange={(next) => next && onChange(setType(schema, [...place, "items"], next as RowType))}
            allowDeselect={false}
            readOnly={readOnly || Array.isArray(own.items)}
          />
          <Bounds own={own} least="minItems" most="maxItems" noun="items" set={set} readOnly={readOnly} />
        </>
      )}
      {types.includes("object") && (
        <Switch
          label="No other properties allowed"
          description={`A property of ${path} that is not declared breaks the rule`}
          checked={own.additionalProperties === false}
          onChange={(event) => set({ additionalProperties: event.currentTarget.checked ? false : undefined })}
          disabled={readOnly}
        />
      )}
      {hidden.length > 0 && (
        <Text size="sm" c="dimmed">
          The JSON says more about it, which stays as it is: <code>{hidden.join(", ")}</code>
        </Text>
      )}
    </Stack>
  );
}

interface BoundsProps {
  own: Schema;
  least: string;
  most: string;
  /** What is counted; empty: the value itself. */
  noun: string;
  set: (keywords: Schema) => void;
  readOnly: boolean;
  isWhole?: boolean;
}

function Bounds({ own, least, most, noun, set, readOnly, isWhole = true }: BoundsProps) {
  const field = (keyword: string, label: string) => (
    <NumberInput
      label={noun ? `${label} ${noun}` : `${label} value`}
      value={typeof own[keyword] === "number" ? own[keyword] : ""}
      onChange={(next) => set({ [keyword]: typeof next === "number" ? next : undefined })}
      allowDecimal={!isWhole}
      allowNegative={!isWhole}
      readOnly={readOnly}
      placeholder="no bound"
    />
  );
  return (
    <SimpleGrid cols={2} spacing="sm">
      {field(least, "Least")}
      {field(most, "Most")}
    </SimpleGrid>
  );
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
