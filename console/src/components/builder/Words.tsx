/** A definition to read: one sentence a line, groups indented. */

import { List, Text } from "@mantine/core";
import type { Collection } from "./context";
import type { Condition, Definition } from "./model/nodes";
import { computationWords, sentence } from "./model/words";

export function Words({ tree, collection }: { tree: Definition; collection: Collection }) {
  const everybody = collection === "users" ? "People" : "Accounts";
  if (tree.kind === "computation") return <Text>{capital(computationWords(tree))}.</Text>;
  if (tree.kind === "group" && tree.items.length > 1)
    return (
      <>
        <Text>
          {everybody} who match {tree.join === "all" ? "all" : "any"} of these:
        </Text>
        <Lines items={tree.items} />
      </>
    );
  return (
    <Text>
      {everybody} {sentence(tree)}.
    </Text>
  );
}

function Lines({ items }: { items: readonly Condition[] }) {
  return (
    <List spacing={4} mt={4} withPadding={false} size="sm">
      {items.map((item) => (
        <List.Item key={item.id}>
          {item.kind === "group" && item.items.length > 1 ? (
            <>
              {item.join === "all" ? "all of these:" : "any of these:"}
              <Lines items={item.items} />
            </>
          ) : (
            sentence(item)
          )}
        </List.Item>
      ))}
    </List>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
