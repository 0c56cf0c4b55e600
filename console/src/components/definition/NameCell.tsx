/** In a list: the name, the key beside it, what it means, and what is wrong with it. */

import { Anchor, Badge, Group, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import type { TraitLine } from "~/api/schema";
import { readDefinition, type Section } from "../builder/draft";
import { computationWords, sentence } from "../builder/model/words";

export function NameCell({ section, line }: { section: Section; line: TraitLine }) {
  const words = useMemo(() => inWords(section, line), [section, line]);
  const search = line.collection === "users" ? {} : { collection: "accounts" as const };
  return (
    <div>
      <Group gap={6}>
        <Anchor
          fw={600}
          renderRoot={(props) => (
            <Link
              to={section === "audiences" ? "/audiences/$key" : "/traits/$key"}
              params={{ key: line.key }}
              search={search}
              {...props}
            />
          )}
        >
          {line.name || line.key}
        </Anchor>
        {line.name && (
          <Text span size="xs" c="dimmed" ff="monospace">
            {line.key}
          </Text>
        )}
        {line.collection === "accounts" && <Badge color="grape">accounts</Badge>}
      </Group>
      {line.problem ? (
        <Text size="xs" c="var(--mantine-color-error)">
          {line.problem}
        </Text>
      ) : (
        <Text size="xs" c="dimmed" lineClamp={1} title={words}>
          {words}
        </Text>
      )}
    </div>
  );
}

function inWords(section: Section, line: TraitLine): string {
  const tree = readDefinition(section, line.definition);
  return tree.kind === "computation" ? computationWords(tree) : sentence(tree);
}
