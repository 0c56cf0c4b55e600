/** The properties of one object, each a row; those of inner objects beneath it. */

import { ActionIcon, Checkbox, Collapse, Group, Select, Text, TextInput, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronRight, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import {
  addProperty,
  allowsNull,
  constraints,
  innerObject,
  type Place,
  type Row,
  type RowType,
  removeProperty,
  renameProperty,
  rows,
  rowType,
  type Schema,
  setRequired,
  setType,
  TYPES,
  typesOf,
  typeWords,
} from "../../model/schema";
import classes from "./Properties.module.css";
import { PropertyDetails } from "./PropertyDetails";

interface Props {
  /** Of the whole rule. */
  schema: Schema;
  /** Of the object in it. */
  object: Place;
  onChange: (schema: Schema) => void;
  readOnly: boolean;
  /** "property", "trait". */
  word: string;
  /** The path of the object, for screen readers. */
  above?: string;
}

/** Levels of objects shown in each other; what lies deeper is edited as JSON. */
const DEPTH_MAX = 6;

export function PropertyList(props: Props & { depth?: number }) {
  const { schema, object, onChange, readOnly, word, above = "", depth = 0 } = props;
  const found = rows(schema, object);
  return (
    <div className={depth === 0 ? classes.container : classes.inner}>
      {found.length === 0 && (
        <Text size="sm" c="dimmed" py="xs">
          No {word} defined: anything is allowed.
        </Text>
      )}
      <ul className={classes.list} aria-label={above ? `In ${above}` : undefined}>
        {found.map((row) => (
          <li key={row.name} className={classes.item}>
            <PropertyRow {...props} row={row} depth={depth} />
          </li>
        ))}
      </ul>
      {!readOnly && (
        <AddProperty
          word={word}
          above={above}
          taken={found.map((row) => row.name)}
          onAdd={(name) => onChange(addProperty(schema, object, name, { type: "string" }))}
        />
      )}
    </div>
  );
}

function PropertyRow({ row, depth, ...props }: Props & { row: Row; depth: number }) {
  const { schema, object, onChange, readOnly, word, above = "" } = props;
  const [isOpen, { toggle }] = useDisclosure();
  const path = above ? `${above}.${row.name}` : row.name;
  const type = rowType(row.schema);
  const inner = innerObject(row);
  const isList = inner !== null && inner.length > row.place.length;
  const said = [
    allowsNull(row.schema) && typesOf(row.schema).length > 1 ? "or null" : "",
    ...constraints(row.schema),
    row.hidden.length ? `and more in the JSON (${row.hidden.join(", ")})` : "",
  ].filter(Boolean);
  const about = [row.schema.description, said.join(" · ")].filter((text) => typeof text === "string" && text);

  return (
    <>
      <div className={classes.row}>
        <ActionIcon
          variant="subtle"
          color="gray"
          onClick={toggle}
          aria-expanded={isOpen}
          aria-label={`More about ${path}`}
        >
          <IconChevronRight size={16} className={classes.chevron} data-open={isOpen || undefined} />
        </ActionIcon>
        <NameInput
          value={row.name}
          label={`Name of ${path}`}
          readOnly={readOnly}
          taken={rows(schema, object).map((each) => each.name)}
          onRename={(next) => onChange(renameProperty(schema, object, row.name, next))}
        />
        <div className={classes.type}>
          <Select
            aria-label={`Type of ${path}`}
            data={
              type === "several" ? [{ value: "several", label: typeWords(row.schema) }, ...TYPES] : [...TYPES]
            }
            value={type}
            onChange={(next) => next && onChange(setType(schema, row.place, next as RowType))}
            allowDeselect={false}
            readOnly={readOnly}
            comboboxProps={{ withinPortal: true, width: "max-content" }}
          />
        </div>
        <Checkbox
          className={classes.required}
          label="Required"
          aria-label={`${path} is required`}
          checked={row.isRequired}
          onChange={(event) => onChange(setRequired(schema, object, row.name, event.currentTarget.checked))}
          disabled={readOnly}
        />
        {!readOnly && (
          <Tooltip label={`Remove ${row.name}`}>
            <ActionIcon
              className={classes.remove}
              variant="subtle"
              color="gray"
              onClick={() => onChange(removeProperty(schema, object, row.name))}
              aria-label={`Remove ${path}`}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Tooltip>
        )}
        {about.length > 0 && !isOpen && (
          <Text size="xs" c="dimmed" className={classes.said}>
            {about.join(" — ")}
          </Text>
        )}
      </div>
      <Collapse expanded={isOpen}>
        <div className={classes.details}>
          <PropertyDetails
            schema={schema}
            place={row.place}
            path={path}
            hidden={row.hidden}
            onChange={onChange}
            readOnly={readOnly}
          />
        </div>
      </Collapse>
      {inner && depth < DEPTH_MAX && (
        <PropertyList
          schema={schema}
          object={inner}
          onChange={onChange}
          readOnly={readOnly}
          word={word}
          above={isList ? `${path}.$` : path}
          depth={depth + 1}
        />
      )}
    </>
  );
}

interface NameProps {
  value: string;
  label: string;
  readOnly: boolean;
  taken: string[];
  onRename: (name: string) => void;
}

/** The name changes when one leaves the field: each letter would be another property. */
function NameInput({ value, label, readOnly, taken, onRename }: NameProps) {
  const [text, setText] = useState(value);
  const isTaken = text !== value && taken.includes(text);
  const commit = () => {
    if (text && !isTaken && text !== value) onRename(text);
    else setText(value);
  };
  return (
    <TextInput
      aria-label={label}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === "Enter") commit();
        if (event.key === "Escape") setText(value);
      }}
      error={isTaken ? "This name is taken" : undefined}
      readOnly={readOnly}
      styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: "0.82rem" } }}
    />
  );
}

interface AddProps {
  word: string;
  above: string;
  taken: string[];
  onAdd: (name: string) => void;
}

function AddProperty({ word, above, taken, onAdd }: AddProps) {
  const [name, setName] = useState("");
  const isTaken = taken.includes(name.trim());
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!name.trim() || isTaken) return;
        onAdd(name.trim());
        setName("");
      }}
    >
      <Group gap={6} py="xs" wrap="nowrap" align="flex-start">
        <TextInput
          aria-label={above ? `New ${word} in ${above}` : `New ${word}`}
          placeholder={above ? `new ${word} in ${above}` : `new ${word}`}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={isTaken ? "This name is taken" : undefined}
          size="xs"
          w="16rem"
        />
        <Tooltip label={`Add ${word}`}>
          <ActionIcon
            type="submit"
            variant="default"
            size={30}
            disabled={!name.trim() || isTaken}
            aria-label={above ? `Add ${word} to ${above}` : `Add ${word}`}
          >
            <IconPlus size={16} />
          </ActionIcon>
        </Tooltip>
      </Group>
    </form>
  );
}
