/** Why it was dropped, what exactly was wrong with it, and the way to what can be done. */

import { Alert, Button, Code, Group, List, Stack, Text } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { Link, type LinkProps } from "@tanstack/react-router";
import type { Explained, Journey } from "~/api/schema";
import { Prose } from "../Prose";
import { breaches } from "./words";

export function Why({ why, journey }: { why: Explained; journey: Journey }) {
  const detail = journey.steps.at(-1)?.detail?.detail;
  const place = placeOf(journey);
  return (
    <Alert
      color={journey.ended === "duplicate" ? "gray" : "red"}
      icon={<IconInfoCircle />}
      title={
        <>
          {why.title} <Code fw={400}>{journey.ended}</Code>
        </>
      }
    >
      <Stack gap="xs">
        <Text size="sm">
          <Prose>{why.means}</Prose>
        </Text>
        {typeof detail === "string" && detail && <Detail text={detail} />}
        <Text size="sm">
          <b>What to do:</b> <Prose>{why.do}</Prose>
        </Text>
        {(journey.dead_letter || place) && (
          <Group gap="xs">
            {journey.dead_letter && (
              <Button
                size="xs"
                renderRoot={(props) => (
                  <Link to="/dead-letters" search={{ letter: journey.dead_letter }} {...props} />
                )}
              >
                Edit and replay
              </Button>
            )}
            {place && (
              <Button size="xs" variant="default" renderRoot={(props) => <Link {...place.link} {...props} />}>
                {place.label}
              </Button>
            )}
          </Group>
        )}
      </Stack>
    </Alert>
  );
}

function Detail({ text }: { text: string }) {
  const found = breaches(text);
  if (found.length === 0) return <Code style={{ overflowWrap: "anywhere" }}>{text}</Code>;
  return (
    <List size="sm" spacing={2} aria-label="Violations">
      {found.map(({ field, message }) => (
        <List.Item key={`${field} ${message}`}>
          <Code>{field}</Code> {message}
        </List.Item>
      ))}
    </List>
  );
}

/** Where the decision was made that ended it. */
function placeOf({ ended, source }: Journey): { label: string; link: LinkProps } | null {
  const ofSource = (tab: "schema" | "plan" | "settings", label: string) => ({
    label,
    link: { to: "/sources/$name", params: { name: source }, search: { tab } } as LinkProps,
  });
  switch (ended) {
    case "unplanned":
    case "schema_violation":
    case "unplanned_and_schema_violation":
    case "common_schema_violation":
      return ofSource("plan", "Plan and violations");
    case "event_setting":
      return ofSource("schema", "Schema of the source");
    case "source_disabled":
      return ofSource("settings", "Source settings");
    case "dropped_by_transformation":
    case "transformation_failed":
      return { label: "Transformations", link: { to: "/transformations" } };
    case "suppressed":
      return { label: "Suppressions", link: { to: "/privacy", search: { tab: "suppressions" } } };
    default:
      return null;
  }
}
