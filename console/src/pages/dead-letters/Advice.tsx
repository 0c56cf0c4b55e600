/** The chosen reason in words: what it means, what to do, and where. */

import { Alert, Anchor, Group, Text } from "@mantine/core";
import { IconBulb } from "@tabler/icons-react";
import { Link, type LinkProps } from "@tanstack/react-router";
import type { Explained } from "~/api/schema";
import { Prose } from "~/components/Prose";

interface Props {
  about: Explained;
  stage: string;
  reason: string;
  source?: string | undefined;
  destination?: string | null | undefined;
}

export function Advice({ about, ...where }: Props) {
  const fix = fixOf(where);
  return (
    <Alert icon={<IconBulb />} color="blue" title={about.title}>
      <Text size="sm">
        <Prose>{about.means}</Prose>
      </Text>
      <Text size="sm" mt={4}>
        <b>What to do: </b>
        <Prose>{about.do}</Prose>
      </Text>
      {fix && (
        <Group mt="xs">
          <Anchor size="sm" fw={600} renderRoot={(props) => <Link {...fix.link} {...props} />}>
            {fix.label}
          </Anchor>
        </Group>
      )}
    </Alert>
  );
}

interface Fix {
  label: string;
  link: LinkProps;
}

function fixOf({ stage, reason, source, destination }: Omit<Props, "about">): Fix | undefined {
  if (stage === "delivery" && destination)
    return {
      label: `To the destination ${destination}`,
      link: { to: "/destinations/$name", params: { name: destination } },
    };
  if (stage === "transform") return { label: "To the transformations", link: { to: "/transformations" } };
  if (stage === "govern" && reason !== "event_setting")
    return { label: "To the tracking plans", link: { to: "/tracking-plans" } };
  return source
    ? { label: `To the source ${source}`, link: { to: "/sources/$name", params: { name: source } } }
    : { label: "To the sources", link: { to: "/sources" } };
}
