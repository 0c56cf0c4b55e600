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
import { count } from "~/format/format";
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
        message: connection ? `${name} is told in another way from now on.` : `${name} is connected.`,
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
          placeholder="Choose one"
          data={choices}
          value={name || null}
          onChange={(next) => setName(next ?? "")}
          disabled={connection !== null}
          searchable
          nothingFoundMessage="Every destination is connected already"
          required
        />
        <Checkbox.Group
          label="What it is sent"
          description="Which of these a tool understands is in its own documentation; most take the first."
          value={send}
        >
          <Stack gap="xs" mt="xs">
            <Checkbox
              value={about}
              label={
                isAudience
                  ? `A trait (${about}): true for members, false for who has left`
                  : `The value as a trait (${about})`
              }
              onChange={(event) => toggle(about, event.currentTarget.checked)}
            />
            <Checkbox
              value="track"
              label={
                isAudience
                  ? "An event when somebody enters or leaves (track)"
                  : "An event when the value changes (track)"
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
                  label="Event for who enters"
                  value={entered}
                  onChange={(event) => setEntered(event.currentTarget.value)}
                />
                <TextInput
                  label="Event for who leaves"
                  value={exited}
                  onChange={(event) => setExited(event.currentTarget.value)}
                />
              </>
            ) : (
              <TextInput
                label="Name of the event"
                value={computed}
                onChange={(event) => setComputed(event.currentTarget.value)}
              />
            )}
          </Group>
        </Collapse>
        <Ids ids={ids} onChange={setIds} types={idTypes} />
        <TagsInput
          label="Traits that are sent along"
          description="So that the tool knows the name, the city, the number of orders."
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
        label="Under which ids"
        description="A call is about one id: who has three of them is told three times."
        allowDeselect={false}
        data={[
          { value: "all", label: "Every id of the usual types" },
          { value: "some", label: "Only these …" },
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
                  { value: "all", label: "all of them" },
                  { value: "last_added", label: "the newest" },
                  { value: "first_added", label: "the first" },
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
      `${name} is told ${about}${count(reach.people)} of ${count(line.size)} members: ${about}${count(reach.messages)} messages, at the pace it takes.`,
    );
    if (reach.without > 0)
      lines.push(
        `${about}${count(reach.without)} have no ${Object.keys(ids).length > 0 ? Object.keys(ids).join(" or ") : DEFAULT_TYPES.slice(0, 2).join(" or ")} and are not told.`,
      );
    if (reach.isEstimate)
      lines.push(`The numbers are of the first ${count(members.data.data.length)} members.`);
  } else if (!isAudience && values.data) {
    const { with_value, is_sample } = values.data;
    lines.push(
      `${name} is told the value of ${is_sample ? "at least " : ""}${count(with_value)} people, at the pace it takes.`,
    );
  }
  lines.push(
    isAudience
      ? "From then on it hears of everybody who enters or leaves."
      : "From then on it hears of every change.",
  );
  return (
    <Alert color="blue" title="What this does">
      {members.isFetching || values.isFetching ? (
        <Text size="sm">Counting …</Text>
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
