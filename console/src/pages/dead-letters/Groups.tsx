/** What is waiting, by reason: how many, since when, what it means. One of them may be chosen. */

import { Badge, Code, Group, SimpleGrid, Text, UnstyledButton } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import type { LetterGroup } from "~/api/schema";
import { Time } from "~/components/Time";
import { count } from "~/format/format";
import classes from "./Groups.module.css";
import type { DeadLettersSearch } from "./routes";

interface Props {
  groups: LetterGroup[];
  chosen: DeadLettersSearch;
}

export function Groups({ groups, chosen }: Props) {
  const navigate = useNavigate({ from: "/dead-letters" });
  return (
    <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="sm" component="ul" className={classes.list}>
      {groups.map((group) => {
        const isChosen = isOf(group, chosen);
        return (
          <li key={`${group.stage} ${group.reason} ${group.destination ?? ""}`}>
            <UnstyledButton
              className={classes.card}
              aria-pressed={isChosen}
              data-stage={group.stage === "delivery" ? "delivery" : "pipeline"}
              onClick={() =>
                void navigate({
                  search: isChosen
                    ? {}
                    : {
                        stage: group.stage,
                        reason: group.reason || undefined,
                        destination: group.destination ?? undefined,
                      },
                })
              }
            >
              <Group justify="space-between" wrap="nowrap" align="flex-start" gap="xs">
                <Text fw={600}>{group.about.title}</Text>
                <Text fw={700} fz="lg" className="hw-figures">
                  {count(group.letters)}
                </Text>
              </Group>
              <Group gap={6} mt={6}>
                <Badge color={group.stage === "delivery" ? "orange" : "blue"}>{group.stage}</Badge>
                {group.reason && <Code>{group.reason}</Code>}
              </Group>
              <Text size="sm" c="dimmed" mt={6}>
                {whose(group)}
                {group.newest && (
                  <>
                    {" · last "}
                    <Time at={group.newest} />
                  </>
                )}
              </Text>
            </UnstyledButton>
          </li>
        );
      })}
    </SimpleGrid>
  );
}

export function isOf(group: LetterGroup, { stage, reason, destination }: DeadLettersSearch): boolean {
  return (
    group.stage === stage &&
    group.reason === (reason ?? "") &&
    (group.destination ?? undefined) === destination
  );
}

const NAMED = 2;

function whose({ destination, sources }: LetterGroup): string {
  if (destination) return `to ${destination}`;
  const named = sources.slice(0, NAMED).map(({ source }) => source || "an unknown source");
  const more = sources.length - NAMED;
  return `from ${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
