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
  /** Where the title stands above already. */
  withoutTitle?: boolean;
}

export function Advice({ about, withoutTitle = false, ...where }: Props) {
  const fix = fixOf(where);
  return (
    <Alert icon={<IconBulb />} color="blue" title={withoutTitle ? undefined : about.title}>
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

function fixOf({
  stage,
  reason,
  source,
  destination,
}: Omit<Props, "about" | "withoutTitle">): Fix | undefined {
  if (stage === "delivery" && destination)
    return {
      label: `Open ${destination}`,
      link: { to: "/destinations/$name", params: { name: destination } },
    };
  if (stage === "transform") return { label: "Open transformations", link: { to: "/transformations" } };
  if (stage === "govern" && reason !== "event_setting")
    return { label: "Open tracking plans", link: { to: "/tracking-plans" } };
  return source
    ? { label: `Open ${source}`, link: { to: "/sources/$name", params: { name: source } } }
    : { label: "Open sources", link: { to: "/sources" } };
}
