/** Where a trait comes from: the event it was sent with, or how it is computed and what changed it last. */

import { Text } from "@mantine/core";
import { $api } from "~/api/client";
import type { TraitOrigin } from "~/api/schema";
import { readDefinition } from "~/components/builder/draft";
import { computationWords } from "~/components/builder/model/words";
import { EventLink } from "../EventLink";
import { nameOf } from "../identity/words";

export function Origin({ trait }: { trait: TraitOrigin }) {
  if (trait.kind === "sent")
    return (
      <Text size="sm">
        <Cause trait={trait} /> from {trait.source}
      </Text>
    );
  return (
    <div>
      <Computed trait={trait} />
      <Text size="xs" c="dimmed">
        {trait.reason === "event" ? (
          <>
            Changed by <Cause trait={trait} />
          </>
        ) : (
          "Changed without an event: time passed, or it was recomputed"
        )}
      </Text>
    </div>
  );
}

/** In words where the definition is one of words; else in the query language. */
function Computed({ trait }: { trait: TraitOrigin }) {
  const { data } = $api.useQuery("get", "/api/v1/traits", { params: { query: { limit: 1_000 } } });
  const line = data?.data.find((each) => each.key === trait.key && each.query === trait.query);
  const tree = line && readDefinition("traits", line.definition);
  const isWords = tree?.kind === "computation";
  return (
    <Text
      size="sm"
      component="div"
      lineClamp={2}
      ff={isWords || !trait.query ? undefined : "monospace"}
      title={trait.query}
    >
      {isWords ? capital(computationWords(tree)) : trait.query || "Definition deleted"}
    </Text>
  );
}

function Cause({ trait }: { trait: TraitOrigin }) {
  if (!trait.message_id) return "An event that is no longer stored";
  const mark = { message_id: "", type: trait.event_type, name: trait.event_name };
  return <EventLink messageId={trait.message_id}>{nameOf(mark)}</EventLink>;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
