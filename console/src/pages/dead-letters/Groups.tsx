/** What is waiting, by reason, most first: how many, whose, what it means. One of them may be chosen. */

import { Badge, Code, Group, Paper, Text, UnstyledButton } from "@mantine/core";
import { IconChevronRight, IconPlugConnectedX, IconShieldX } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import type { LetterGroup } from "~/api/schema";
import { Time } from "~/components/Time";
import { count } from "~/format/format";
import { Advice } from "./Advice";
import classes from "./Groups.module.css";
import { STAGE_LABELS } from "./letters";
import type { DeadLettersSearch } from "./routes";

interface Props {
  groups: LetterGroup[];
  chosen: DeadLettersSearch;
}

export function Groups({ groups, chosen }: Props) {
  const all = groups.reduce((sum, group) => sum + group.letters, 0);
  return (
    <Paper component="ul" className={classes.list}>
      {groups.map((group) => (
        <Line
          key={`${group.stage} ${group.reason} ${group.destination ?? ""}`}
          group={group}
          isChosen={isOf(group, chosen)}
          share={group.letters / all}
        />
      ))}
    </Paper>
  );
}

interface LineProps {
  group: LetterGroup;
  isChosen: boolean;
  /** Of all dead letters. */
  share: number;
}

function Line({ group, isChosen, share }: LineProps) {
  const navigate = useNavigate({ from: "/dead-letters" });
  const isOfDelivery = group.stage === "delivery";
  const Icon = isOfDelivery ? IconPlugConnectedX : IconShieldX;
  return (
    <li className={classes.item}>
      <UnstyledButton
        className={classes.line}
        aria-pressed={isChosen}
        onClick={() =>
          void navigate({
            search: isChosen
              ? {}
              : {
                  stage: group.stage,
                  reason: group.reason || undefined,
                  destination: group.destination ?? undefined,
                },
            resetScroll: false,
          })
        }
      >
        <IconChevronRight size={16} aria-hidden className={classes.chevron} />
        <Icon
          size={20}
          aria-hidden
          className={classes.icon}
          data-stage={isOfDelivery ? "delivery" : "pipeline"}
        />
        <div className={classes.what}>
          <Group gap="xs">
            <Text fw={600}>{group.about.title}</Text>
            <Badge color={isOfDelivery ? "orange" : "blue"}>{STAGE_LABELS[group.stage] ?? group.stage}</Badge>
            {group.reason && <Code>{group.reason}</Code>}
          </Group>
          <Text size="sm" c="dimmed">
            {whose(group)}
            {group.newest && (
              <>
                {" · last "}
                <Time at={group.newest} />
              </>
            )}
          </Text>
        </div>
        <div className={classes.many}>
          <Text fw={650} fz="lg" className="hw-figures">
            {count(group.letters)}
          </Text>
          <div className={classes.bar} aria-hidden>
            <div style={{ width: `${Math.max(2, share * 100)}%` }} />
          </div>
        </div>
      </UnstyledButton>
      {isChosen && (
        <div className={classes.advice}>
          <Advice
            about={group.about}
            withoutTitle
            stage={group.stage}
            reason={group.reason}
            destination={group.destination}
            source={group.sources.length === 1 ? group.sources[0]?.source : undefined}
          />
        </div>
      )}
    </li>
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
  if (destination) return `To ${destination}`;
  const named = sources.slice(0, NAMED).map(({ source }) => source || "an unknown source");
  const more = sources.length - NAMED;
  return `From ${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
