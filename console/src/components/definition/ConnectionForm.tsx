/** How one destination is told, and what that means at once, in numbers. */

import {
  Alert,
  Button,
  Checkbox,
  Collapse,
  Group,
  List,
  Select,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { $api } from "~/api/client";
import type { AudienceLine, Connection, DestinationLine, IdChoice, Send, TraitLine } from "~/api/schema";
import { count, counted } from "~/format/format";
import type { Section } from "../builder/draft";
import { useSuggestions } from "../builder/suggestions";
import { Failed } from "../states";
import { callsOf, connectionOf, EVENTS } from "./connection";
import { DEFAULT_TYPES, reachOf } from "./reach";
import { itemOf, put } from "./save";

interface Props {
  section: Section;
  line: TraitLine | AudienceLine;
  /** Null: a new one. */
  connection: Connection | null;
  destinations: readonly DestinationLine[];
  onDone: () => void;
}

/** As many members as one page of the API has; the numbers are of these. */
const LOOKED_AT = 1_000;

export function ConnectionForm({ section, line, connection, destinations, onDone }: Props) {
  const queries = useQueryClient();
  const isAudience = section === "audiences";
  const [name, setName] = useState(connection?.name ?? "");
  const [send, setSend] = useState<Send[]>(
    callsOf(connection ?? ({} as Connection), section, line.collection),
  );
  const [entered, setEntered] = useState(connection?.entered ?? EVENTS.entered);
  const [exited, setExited] = useState(connection?.exited ?? EVENTS.exited);
  const [computed, setComputed] = useState(connection?.computed ?? EVENTS.computed);
  const [ids, setIds] = useState<Record<string, IdChoice>>(connection?.ids ?? {});
  const [traits, setTraits] = useState<string[]>(connection?.traits ?? []);
  const idTypes = useSuggestions("id_type", "").map((each) => each.text);
  const known = useSuggestions("trait", "").map((each) => each.text);
  const others = destinations.filter((each) => !line.connections.some((told) => told.name === each.name));
  const choices = connection ? [connection.name] : others.map((each) => each.name);

  const save = useMutation({
    mutationFn: () => {
      const made = connectionOf({ name, send, entered, exited, computed, ids, traits });
      const rest = line.connections.filter((each) => each.name !== name);
      return put(section, line.key, itemOf(section, line, { destinations: [...rest, made] }));
    },
    onSuccess: async () => {
      await queries.invalidateQueries();
      notifications.show({
        message: connection ? `Connection to ${name} was saved.` : `${name} was connected.`,
        color: "green",
      });
      onDone();
    },
  });

  function toggle(call: Send, isOn: boolean) {
    setSend(isOn ? [...send, call] : send.filter((each) => each !== call));
  }

  const about: Send = line.collection === "users" ? "identify" : "group";
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack>
        <Select
          label="Destination"
          placeholder="Choose a destination"
          data={choices}
          value={name || null}
          onChange={(next) => setName(next ?? "")}
          disabled={connection !== null}
          searchable
          nothingFoundMessage="All destinations are connected already"
          required
        />
        <Checkbox.Group
          label="What to send"
          description="Most tools use the first. See your tool’s documentation."
          value={send}
        >
          <Stack gap="xs" mt="xs">
            <Checkbox
              value={about}
              label={
                isAudience
                  ? `A trait (${about} call): true for members, false after they leave`
                  : `The value as a trait (${about} call)`
              }
              onChange={(event) => toggle(about, event.currentTarget.checked)}
            />
            <Checkbox
              value="track"
              label={
                isAudience
                  ? "An event when someone enters or leaves (track call)"
                  : "An event when the value changes (track call)"
              }
              onChange={(event) => toggle("track", event.currentTarget.checked)}
            />
          </Stack>
        </Checkbox.Group>
        <Collapse expanded={send.includes("track")}>
          <Group grow align="flex-start">
            {isAudience ? (
              <>
                <TextInput
                  label="Event on entry"
                  value={entered}
                  onChange={(event) => setEntered(event.currentTarget.value)}
                />
                <TextInput
                  label="Event on exit"
                  value={exited}
                  onChange={(event) => setExited(event.currentTarget.value)}
                />
              </>
            ) : (
              <TextInput
                label="Event name"
                value={computed}
                onChange={(event) => setComputed(event.currentTarget.value)}
              />
            )}
          </Group>
        </Collapse>
        <Ids ids={ids} onChange={setIds} types={idTypes} />
        <TagsInput
          label="Include traits"
          description="Sent along with each message, such as name or city."
          data={known}
          value={traits}
          onChange={setTraits}
          maxTags={50}
        />
        {name !== "" && connection === null && (
          <Consequences section={section} line={line} name={name} ids={ids} calls={send.length} />
        )}
        {save.error && <Failed error={save.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" disabled={name === "" || send.length === 0} loading={save.isPending}>
            {connection ? "Save" : "Connect"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Ids({
  ids,
  onChange,
  types,
}: {
  ids: Record<string, IdChoice>;
  onChange: (ids: Record<string, IdChoice>) => void;
  types: readonly string[];
}) {
  const isAll = Object.keys(ids).length === 0;
  const shown = [...new Set([...types, ...Object.keys(ids)])];
  return (
    <Stack gap="xs">
      <Select
        label="Identifiers"
        description="One message is sent per identifier: a person with three of them is sent three times."
        allowDeselect={false}
        data={[
          { value: "all", label: "All common identifiers" },
          { value: "some", label: "Only selected types" },
        ]}
        value={isAll ? "all" : "some"}
        onChange={(which) => onChange(which === "all" ? {} : { [shown[0] ?? "user_id"]: "all" })}
      />
      {!isAll &&
        shown.map((type) => (
          <Group key={type} gap="xs" wrap="nowrap">
            <Checkbox
              w={190}
              label={type}
              checked={type in ids}
              onChange={(event) => {
                const { [type]: _, ...rest } = ids;
                onChange(event.currentTarget.checked ? { ...ids, [type]: "all" } : rest);
              }}
            />
            {type in ids && (
              <Select
                size="xs"
                aria-label={`Which values of ${type}`}
                allowDeselect={false}
                data={[
                  { value: "all", label: "all" },
                  { value: "last_added", label: "the newest" },
                  { value: "first_added", label: "the oldest" },
                ]}
                value={ids[type] ?? "all"}
                onChange={(which) => onChange({ ...ids, [type]: which as IdChoice })}
              />
            )}
          </Group>
        ))}
    </Stack>
  );
}

/** What connecting does at once. */
function Consequences({
  section,
  line,
  name,
  ids,
  calls,
}: {
  section: Section;
  line: TraitLine | AudienceLine;
  name: string;
  ids: Record<string, IdChoice>;
  calls: number;
}) {
  const isAudience = section === "audiences";
  const members = $api.useQuery(
    "get",
    "/api/v1/audiences/{key}/members",
    { params: { path: { key: line.key }, query: { collection: line.collection, limit: LOOKED_AT } } },
    { enabled: isAudience },
  );
  const values = $api.useQuery(
    "get",
    "/api/v1/traits/{key}/values",
    { params: { path: { key: line.key }, query: { collection: line.collection as "users" } } },
    { enabled: !isAudience },
  );
  const lines: string[] = [];
  if (isAudience && members.data && "size" in line) {
    const reach = reachOf(members.data.data, line.size, ids, calls);
    const about = reach.isEstimate ? "about " : "";
    lines.push(
      `${about}${count(reach.people)} of ${count(line.size)} members are sent to ${name}: ${about}${count(reach.messages)} messages.`,
    );
    if (reach.without > 0)
      lines.push(
        `${about}${count(reach.without)} have no ${Object.keys(ids).length > 0 ? Object.keys(ids).join(" or ") : DEFAULT_TYPES.slice(0, 2).join(" or ")} and are skipped.`,
      );
    if (reach.isEstimate) lines.push(`Estimated from the first ${count(members.data.data.length)} members.`);
  } else if (!isAudience && values.data) {
    const { with_value, is_sample } = values.data;
    lines.push(
      `The value of ${is_sample ? "at least " : ""}${counted(with_value, "person", "people")} is sent to ${name}.`,
    );
  }
  lines.push(
    isAudience
      ? "From then on, every entry and exit is sent as it happens."
      : "From then on, every change is sent as it happens.",
  );
  return (
    <Alert color="blue" title="What happens next">
      {members.isFetching || values.isFetching ? (
        <Text size="sm">Counting…</Text>
      ) : (
        <List size="sm">
          {lines.map((text) => (
            <List.Item key={text}>{text}</List.Item>
          ))}
        </List>
      )}
    </Alert>
  );
}
