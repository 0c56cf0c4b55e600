/** What is asked about each event, and which sources do not count. */

import { Button, Group, Menu, TagsInput, Text } from "@mantine/core";
import { IconFilterPlus } from "@tabler/icons-react";
import classes from "./Builder.module.css";
import { useEditing } from "./context";
import { add } from "./model/edit";
import { freshPredicate, type PredicateKind } from "./model/fresh";
import type { AnyNode, Events, Predicate } from "./model/nodes";
import { PredicateNode } from "./PredicateNode";
import { useSuggestions } from "./suggestions";

interface Props {
  node: AnyNode & Events;
  /** It is about events that follow others: `parent` are these. */
  isFollowing: boolean;
  parent: Events | undefined;
}

const CHOICES: { kind: PredicateKind; label: string; about: string }[] = [
  { kind: "comparison", label: "Property", about: "total is more than 50" },
  { kind: "followed", label: "Followed by another event", about: "or not: carts that were left" },
  { kind: "group", label: "Group", about: "any of several" },
  { kind: "fql", label: "FQL", about: "written, in the filter language" },
];

export function Where({ node, isFollowing, parent }: Props) {
  const { readOnly, patch, apply } = useEditing();
  const { where, withoutSources } = node;
  const sources = useSuggestions(withoutSources ? "source" : null, "");

  function filter(kind: PredicateKind) {
    const made = freshPredicate(kind, isFollowing);
    if (where) apply((root) => add(root, where.id, made));
    else patch(node, { where: made });
  }

  return (
    <>
      {where && (
        <div className={classes.where}>
          <Text size="xs" fw={600} c="dimmed" mb={2}>
            where
          </Text>
          <PredicateNode node={where as Predicate} events={node} parent={parent} />
        </div>
      )}
      {withoutSources && (
        <div className={classes.where}>
          <TagsInput
            size="xs"
            label="Events of these sources do not count"
            data={sources.map((source) => source.text)}
            value={withoutSources}
            onChange={(names) => patch(node, { withoutSources: names.length > 0 ? names : undefined })}
            readOnly={readOnly}
          />
        </div>
      )}
      {!readOnly && (
        <Group gap="xs" mt={6}>
          <Menu position="bottom-start" width={250}>
            <Menu.Target>
              <Button size="compact-xs" variant="subtle" leftSection={<IconFilterPlus size={14} />}>
                Add filter
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {CHOICES.filter(({ kind }) => kind !== "followed" || !isFollowing).map(
                ({ kind, label, about }) => (
                  <Menu.Item key={kind} onClick={() => filter(kind)}>
                    {label}
                    <Text size="xs" c="dimmed">
                      {about}
                    </Text>
                  </Menu.Item>
                ),
              )}
              {!withoutSources && (
                <Menu.Item onClick={() => patch(node, { withoutSources: [] })}>
                  Leave out sources
                  <Text size="xs" c="dimmed">
                    events of a test app
                  </Text>
                </Menu.Item>
              )}
            </Menu.Dropdown>
          </Menu>
        </Group>
      )}
    </>
  );
}
