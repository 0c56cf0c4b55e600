/** One kind of change, with its fields. */

import {
  ActionIcon,
  Group,
  Paper,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
  Title,
  Tooltip,
} from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Problem } from "~/api/client";
import type { HashAlgorithm, HashEncoding } from "~/api/schema";
import { Problems } from "~/components/states";
import type { ChangeKey, Draft } from "../model/draft";
import { Pairs } from "./Pairs";
import { PathList } from "./PathList";
import { type Proposals, useProposals } from "./proposals";
import { ValueInput } from "./ValueInput";
import { ValueMaps } from "./ValueMaps";

export const TITLES: Record<ChangeKey, { title: string; about: string }> = {
  drop: { title: "Drop the event", about: "Not stored or sent anywhere" },
  rename_event: { title: "Rename the event", about: "Give a track event another name" },
  rename_properties: {
    title: "Rename properties",
    about: "For example total → revenue (traits for identify and group calls)",
  },
  drop_properties: { title: "Remove properties", about: "Removed for everything that follows" },
  allow_properties: { title: "Keep only some properties", about: "All others are removed" },
  map_properties: { title: "Map values", about: "For example DE → Germany; other values stay" },
  set_values: {
    title: "Set values",
    about: "A fixed value for every event, for example properties.currency = EUR",
  },
  fql_values: { title: "Compute values", about: "With FQL, for example lowercase(traits.email)" },
  move_values: { title: "Move values", about: "For example context.ip → properties.ip" },
  drop_values: { title: "Remove any value", about: "Anywhere in the event, including context" },
  hash_values: { title: "Hash values", about: "Still comparable, but no longer readable" },
};

interface Props {
  of: ChangeKey;
  draft: Draft;
  set: (part: Partial<Draft>) => void;
  problems: Problem[];
  readOnly: boolean;
  onRemove: () => void;
}

export function Change({ of, draft, set, problems, readOnly, onRemove }: Props) {
  const mine = problems
    .filter(({ path }) => path === of || path.startsWith(`${of}.`) || path.startsWith(`${of}[`))
    .map((problem) => ({ ...problem, path: problem.path.slice(of.length).replace(/^\./, "") }));
  return (
    <Paper p="md" component="section" aria-label={TITLES[of].title}>
      <Group justify="space-between" wrap="nowrap" mb={6}>
        <div>
          <Title order={3} size="h5">
            {TITLES[of].title}
          </Title>
          <Text size="sm" c="dimmed">
            {TITLES[of].about}
          </Text>
        </div>
        {!readOnly && (
          <Tooltip label="Remove">
            <ActionIcon
              variant="subtle"
              color="gray"
              onClick={onRemove}
              aria-label={`Remove: ${TITLES[of].title}`}
            >
              <IconX size={16} />
            </ActionIcon>
          </Tooltip>
        )}
      </Group>
      <Fields of={of} draft={draft} set={set} readOnly={readOnly} />
      {mine.length > 0 && (
        <Text component="div" c="red" role="alert">
          <Problems problems={mine} />
        </Text>
      )}
    </Paper>
  );
}

type FieldsProps = Pick<Props, "of" | "draft" | "set" | "readOnly">;

function Fields({ of, draft, set, readOnly }: FieldsProps): ReactNode {
  const proposals = useProposals(draft);
  switch (of) {
    case "drop":
      return <Text size="sm">Matching events are counted, but not stored or sent.</Text>;
    case "rename_event":
      return (
        <TextInput
          label="New name"
          value={draft.rename_event}
          onChange={(event) => set({ rename_event: event.currentTarget.value })}
          readOnly={readOnly}
          maw={360}
        />
      );
    case "rename_properties":
    case "move_values":
      return (
        <Pairs
          value={draft[of]}
          onChange={(next) => set({ [of]: next })}
          from={of === "rename_properties" ? "Property" : "From"}
          to={of === "rename_properties" ? "New name" : "To"}
          empty=""
          proposals={of === "rename_properties" ? proposals.inside : proposals.whole}
          readOnly={readOnly}
          hint="Use dots for nested values, as in order.id"
          render={({ value, onChange, label }) => (
            <TextInput
              aria-label={label}
              value={value}
              onChange={(event) => onChange(event.currentTarget.value)}
              readOnly={readOnly}
            />
          )}
        />
      );
    case "set_values":
      return (
        <Pairs<unknown>
          value={draft.set_values}
          onChange={(next) => set({ set_values: next })}
          from="Path"
          to="Value"
          empty=""
          proposals={proposals.whole}
          readOnly={readOnly}
          hint="Use dots for nested values, as in order.id"
          render={({ value, onChange, label }) => (
            <ValueInput label={label} value={value} onChange={onChange} readOnly={readOnly} />
          )}
        />
      );
    case "fql_values":
      return (
        <Pairs
          value={draft.fql_values}
          onChange={(next) => set({ fql_values: next })}
          from="Path"
          to="FQL"
          empty=""
          proposals={proposals.whole}
          readOnly={readOnly}
          hint="Use dots for nested values, as in order.id"
          render={({ value, onChange, label }) => (
            <TextInput
              aria-label={label}
              value={value}
              onChange={(event) => onChange(event.currentTarget.value)}
              placeholder="lowercase(traits.email)"
              readOnly={readOnly}
              styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
            />
          )}
        />
      );
    case "map_properties":
      return (
        <ValueMaps
          value={draft.map_properties}
          onChange={(next) => set({ map_properties: next })}
          proposals={proposals.inside}
          readOnly={readOnly}
        />
      );
    case "hash_values":
      return <Hash draft={draft} set={set} proposals={proposals} readOnly={readOnly} />;
    default:
      return (
        <PathList
          label={of === "drop_values" ? "Paths" : "Properties"}
          value={draft[of]}
          onChange={(next) => set({ [of]: next })}
          proposals={of === "drop_values" ? proposals.whole : proposals.inside}
          readOnly={readOnly}
        />
      );
  }
}

const ALGORITHMS: HashAlgorithm[] = ["sha256", "sha384", "sha512", "sha1", "md5"];

const ENCODINGS: HashEncoding[] = ["hex", "base64", "base64url"];

interface HashProps {
  draft: Draft;
  set: (part: Partial<Draft>) => void;
  proposals: Proposals;
  readOnly: boolean;
}

function Hash({ draft, set, proposals, readOnly }: HashProps) {
  const hashing = draft.hash_values;
  const change = (part: Draft["hash_values"]) => set({ hash_values: { ...hashing, ...part } });
  return (
    <Stack gap="sm">
      <PathList
        label="Paths"
        value={hashing.paths ?? []}
        onChange={(paths) => change({ paths })}
        proposals={proposals.whole}
        readOnly={readOnly}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <Select
          label="Algorithm"
          data={ALGORITHMS}
          value={hashing.algorithm ?? "sha256"}
          onChange={(next) => change({ algorithm: (next ?? "sha256") as HashAlgorithm })}
          allowDeselect={false}
          readOnly={readOnly}
        />
        <Select
          label="Written as"
          data={ENCODINGS}
          value={hashing.encoding ?? "hex"}
          onChange={(next) => change({ encoding: (next ?? "hex") as HashEncoding })}
          allowDeselect={false}
          readOnly={readOnly}
        />
      </SimpleGrid>
      <TextInput
        type="password"
        label="Key"
        description="With one, nobody can undo the hash by hashing all the addresses there are. Masked: the one that is stored"
        value={hashing.key ?? ""}
        onChange={(event) => change({ key: event.currentTarget.value })}
        autoComplete="off"
        readOnly={readOnly}
      />
    </Stack>
  );
}
