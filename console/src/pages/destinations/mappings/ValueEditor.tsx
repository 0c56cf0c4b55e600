/** A value of a mapping, whatever kind it is of: what it holds may be values again. */

import { ActionIcon, Button, NumberInput, Select, Stack, Switch, Textarea, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { DirectiveParts } from "./DirectiveParts";
import { MembersEditor } from "./MembersEditor";
import { PathInput } from "./PathInput";
import classes from "./ValueEditor.module.css";
import {
  argumentOf,
  changedTo,
  directive,
  KINDS,
  type Kind,
  kindOf,
  objectOf,
  type Place,
  type Value,
} from "./values";

export interface ValueProps {
  /** What it is for, for screen readers: "Email address". */
  label: string;
  value: Value;
  onChange: (value: Value) => void;
  places: readonly Place[];
  readOnly?: boolean | undefined;
  /** Before and after it, in its first line: its name, a way to remove it. */
  lead?: ReactNode;
  trail?: ReactNode;
}

/** What fits into a line; the others stand below. */
const SHORT = new Set<Kind>(["@path", "@template", "@liquid", "text", "number", "boolean", "null"]);

const GROUPS = [...new Set(KINDS.map(({ group }) => group))].map((group) => ({
  group,
  items: KINDS.filter((each) => each.group === group).map(({ kind, label }) => ({ value: kind, label })),
}));

export function ValueEditor({ lead, trail, ...props }: ValueProps) {
  const { label, value, onChange, readOnly } = props;
  const kind = kindOf(value);
  const isShort = SHORT.has(kind);
  const argument = <Argument {...props} kind={kind} />;
  return (
    <div className={classes.value}>
      <div className={classes.first}>
        <div className={classes.head}>
          {lead}
          <Select
            aria-label={`${label}: kind of value`}
            size="sm"
            data={GROUPS}
            value={kind}
            onChange={(chosen) => onChange(changedTo(chosen as Kind, value))}
            allowDeselect={false}
            searchable
            readOnly={readOnly}
            className={classes.kind}
            comboboxProps={{ width: 240, position: "bottom-start" }}
          />
          {isShort && <div className={classes.argument}>{argument}</div>}
        </div>
        {trail}
      </div>
      {!isShort && <div className={classes.nested}>{argument}</div>}
    </div>
  );
}

function Argument({ kind, ...props }: ValueProps & { kind: Kind }) {
  const { label, value, onChange, places, readOnly } = props;
  const argument = kind.startsWith("@") ? argumentOf(value) : value;
  switch (kind) {
    case "@path":
      if (typeof argument !== "string") break;
      return (
        <PathInput
          label={`${label}: place in the event`}
          value={argument}
          onChange={(path) => onChange(directive("@path", path))}
          places={places}
          readOnly={readOnly}
        />
      );
    case "@template":
    case "@liquid":
      if (typeof argument !== "string") break;
      return (
        <Textarea
          aria-label={`${label}: template`}
          size="sm"
          autosize
          minRows={1}
          maxRows={8}
          placeholder={
            kind === "@liquid" ? "{{ event | downcase }}" : "{{traits.first_name}} {{traits.last_name}}"
          }
          value={argument}
          onChange={(event) => onChange(directive(kind, event.currentTarget.value))}
          readOnly={readOnly}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
        />
      );
    case "text":
      return (
        <TextInput
          aria-label={`${label}: text`}
          size="sm"
          value={value as string}
          onChange={(event) => onChange(event.currentTarget.value)}
          readOnly={readOnly}
        />
      );
    case "number":
      return (
        <NumberInput
          aria-label={`${label}: number`}
          size="sm"
          value={value as number}
          onChange={(written) => onChange(typeof written === "number" ? written : 0)}
          readOnly={readOnly}
        />
      );
    case "boolean":
      return (
        <Switch
          aria-label={`${label}: true or false`}
          label={value ? "True" : "False"}
          checked={Boolean(value)}
          onChange={(event) => onChange(event.currentTarget.checked)}
          disabled={readOnly}
          mt={6}
        />
      );
    case "null":
      return null;
    case "object":
      return <MembersEditor {...props} value={objectOf(value)} />;
    case "list":
      return <ItemsEditor {...props} value={value as Value[]} />;
    case "@if":
      return (
        <IfEditor
          {...props}
          value={objectOf(argument)}
          onChange={(next) => onChange(directive("@if", next))}
        />
      );
    case "@arrayPath":
      return <ArrayEditor {...props} value={argument} onChange={(next) => onChange(directive(kind, next))} />;
    case "@excludeWhenNull":
    case "@literal":
      return <ValueEditor {...props} value={argument} onChange={(next) => onChange(directive(kind, next))} />;
    default:
      return <DirectiveParts {...props} kind={kind} />;
  }
  // The argument is a directive itself: rare, and as good as any value.
  return <ValueEditor {...props} value={argument} onChange={(next) => onChange({ [kind]: next })} />;
}

/** Several values, in their order. */
export function ItemsEditor({ value, onChange, label, ...props }: ValueProps & { value: Value[] }) {
  return (
    <Stack gap="xs">
      {value.map((item, index) => (
        <ValueEditor
          {...props}
          // biome-ignore lint/suspicious/noArrayIndexKey: an item is its place
          key={index}
          label={`${label}, item ${index + 1}`}
          value={item}
          onChange={(next) => onChange(value.with(index, next))}
          trail={
            !props.readOnly && (
              <ActionIcon
                variant="subtle"
                color="gray"
                size="lg"
                onClick={() => onChange(value.toSpliced(index, 1))}
                aria-label={`Remove item ${index + 1} of ${label}`}
              >
                <IconTrash size={16} />
              </ActionIcon>
            )
          }
        />
      ))}
      {!props.readOnly && (
        <div>
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconPlus size={14} />}
            onClick={() => onChange([...value, { "@path": "$." }])}
          >
            Add item
          </Button>
        </div>
      )}
    </Stack>
  );
}

function IfEditor({ label, value, onChange, ...props }: ValueProps & { value: Record<string, Value> }) {
  const asks = "blank" in value && !("exists" in value) ? "blank" : "exists";
  const { [asks]: asked, ...others } = value;
  return (
    <Stack gap="xs">
      <Line label="If">
        <ValueEditor
          {...props}
          label={`${label}: if`}
          value={asked}
          onChange={(next) => onChange({ ...value, [asks]: next })}
        />
      </Line>
      <Line label="">
        <Select
          aria-label={`${label}: condition`}
          size="sm"
          data={[
            { value: "exists", label: "exists" },
            { value: "blank", label: "is not blank (exists, and is not 0, false or empty)" },
          ]}
          value={asks}
          onChange={(chosen) => onChange({ [chosen ?? asks]: asked, ...others })}
          allowDeselect={false}
          readOnly={props.readOnly}
          maw="24rem"
        />
      </Line>
      <Line label="then">
        <ValueEditor
          {...props}
          label={`${label}: then`}
          value={value.then}
          // biome-ignore lint/suspicious/noThenProperty: the word of the directive
          onChange={(next) => onChange({ ...value, then: next })}
        />
      </Line>
      <Line label="else">
        {"else" in value ? (
          <ValueEditor
            {...props}
            label={`${label}: else`}
            value={value.else}
            onChange={(next) => onChange({ ...value, else: next })}
          />
        ) : (
          <Button
            size="compact-sm"
            variant="default"
            disabled={props.readOnly}
            onClick={() => onChange({ ...value, else: { "@path": "$." } })}
          >
            Add fallback value
          </Button>
        )}
      </Line>
    </Stack>
  );
}

function Line({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={classes.line}>
      <span className={classes.word}>{label}</span>
      <div>{children}</div>
    </div>
  );
}

function ArrayEditor({ label, value, onChange, places, readOnly }: ValueProps) {
  const [path, shape] = (Array.isArray(value) ? value : [value]) as [Value, Value];
  const put = (next: Value, nextShape: Value) =>
    onChange(nextShape === undefined ? [next] : [next, nextShape]);
  const list = typeof path === "string" ? path : "";
  return (
    <Stack gap="xs">
      {typeof path === "string" ? (
        <PathInput
          label={`${label}: list in the event`}
          value={path}
          onChange={(next) => put(next, shape)}
          places={places.filter((place) => place.sample.startsWith("["))}
          readOnly={readOnly}
        />
      ) : (
        <ValueEditor
          label={`${label}: list`}
          value={path}
          onChange={(next) => put(next, shape)}
          places={places}
          readOnly={readOnly}
        />
      )}
      <MembersEditor
        label={`${label}: each item`}
        value={objectOf(shape)}
        onChange={(next) => put(path, next)}
        places={placesInItem(places, list)}
        readOnly={readOnly}
      />
    </Stack>
  );
}

/** Directives of the shape look into the item instead of the event. */
function placesInItem(places: readonly Place[], list: string): Place[] {
  const first = `${list}[0].`;
  return places
    .filter(({ path }) => path.startsWith(first))
    .map(({ path, sample }) => ({ path: `$.${path.slice(first.length)}`, sample }));
}
