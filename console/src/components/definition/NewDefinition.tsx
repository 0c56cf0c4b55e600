/** A new trait or audience: name, definition, preview, done. */

import { Button, Group, Paper, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "~/api/client";
import type { Collection } from "../builder/context";
import { DefinitionEditor } from "../builder/DefinitionEditor";
import { type Section, useDraft } from "../builder/draft";
import { May } from "../May";
import { Failed } from "../states";
import { stateWords } from "./EditTab";
import { Identify, type Identity, keyOf } from "./Identify";
import { put } from "./save";

interface Props {
  section: Section;
  /** What one begins with: the body of a definition. */
  initial: unknown;
  collection: Collection;
  /** As it is called until somebody writes another name. */
  name?: string;
  placeholder: string;
  onMade: (identity: Identity) => void;
}

export default function NewDefinition(props: Props) {
  const { section, initial, collection, name = "", placeholder, onMade } = props;
  const queries = useQueryClient();
  const [identity, setIdentity] = useState<Identity>({ name, key: keyOf(name), collection });
  const draft = useDraft({ section, collection: identity.collection, ownKey: identity.key }, initial);
  const noun = section === "audiences" ? "audience" : "trait";
  const keyMistake = draft.mistakes.find((mistake) => mistake.path === "key");

  const make = useMutation({
    mutationFn: () =>
      put(
        section,
        identity.key,
        { ...draft.definition, ...(identity.name && { name: identity.name }) },
        { new: true },
      ),
    onSuccess: async () => {
      await queries.invalidateQueries();
      notifications.show({
        title: `${identity.name || identity.key} was created`,
        message: "It is being computed from past events and keeps itself up to date from here on.",
        color: "green",
      });
      onMade(identity);
    },
  });
  const isTaken = make.error instanceof ApiError && make.error.status === 409;

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate();
      }}
    >
      <Identify
        value={identity}
        onChange={(next) => {
          make.reset();
          setIdentity(next);
        }}
        keyError={isTaken ? (make.error as ApiError).message : keyMistake?.message}
        placeholder={placeholder}
      />
      <DefinitionEditor
        draft={{ ...draft, mistakes: draft.mistakes.filter((mistake) => mistake !== keyMistake) }}
        section={section}
        collection={identity.collection}
        ownKey={identity.key}
        readOnly={false}
      />
      {make.error && !isTaken && <Failed error={make.error} />}
      <Paper p="sm" mt="lg" shadow="md" style={{ position: "sticky", bottom: 12, zIndex: 5 }}>
        <Group justify="space-between">
          <Text size="sm" c="dimmed" role="status">
            {draft.state === "right" && identity.key === ""
              ? "Give it a name to create it."
              : stateWords(draft.state)}
          </Text>
          <May role="editor">
            <Button
              type="submit"
              disabled={!draft.definition || identity.key === ""}
              loading={make.isPending}
            >
              {`Create ${noun}`}
            </Button>
          </May>
        </Group>
      </Paper>
    </form>
  );
}
