/** The top of every page: where one is, what it is for, what one can do. Also the title of the browser's tab. */

import { Anchor, Box, Breadcrumbs, Group, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";

export interface Crumb {
  label: string;
  link: LinkProps;
}

interface Props {
  title: string;
  /** Before the title: a logo, initials. */
  icon?: ReactNode;
  /** One sentence for somebody who is here for the first time. */
  description?: ReactNode;
  /** The pages above this one, the outermost first. */
  crumbs?: Crumb[];
  /** Badges beside the title. */
  badges?: ReactNode;
  /** Buttons. */
  actions?: ReactNode;
}

export function PageHeader({ title, description, crumbs, icon, badges, actions }: Props) {
  useDocumentTitle(`${title} · Headwater`);
  return (
    <Box component="header" mb="lg">
      {crumbs && (
        <Breadcrumbs mb={6} separatorMargin={6} component="nav" aria-label="Breadcrumbs">
          {crumbs.map((crumb) => (
            <Anchor key={crumb.label} renderRoot={(props) => <Link {...crumb.link} {...props} />} size="sm">
              {crumb.label}
            </Anchor>
          ))}
        </Breadcrumbs>
      )}
      <Group justify="space-between" align="flex-start" gap="sm">
        <Group flex="1 1 20rem" miw={0} gap="sm" wrap="nowrap" align="flex-start">
          {icon}
          <Box miw={0}>
            <Group gap="xs">
              <Title order={1} size="h2" style={{ overflowWrap: "anywhere" }}>
                {title}
              </Title>
              {badges}
            </Group>
            {description && (
              <Text c="dimmed" mt={4} maw="48rem">
                {description}
              </Text>
            )}
          </Box>
        </Group>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
    </Box>
  );
}
