/** A table of the overview: its title, the way to the page about all of it, its rows. */

import { Anchor, Group, Paper, Table, Title, VisuallyHidden } from "@mantine/core";
import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import classes from "./Overview.module.css";

interface Props {
  title: string;
  to: NonNullable<LinkProps["to"]>;
  /** The cells of the head. */
  head: ReactNode;
  /** The rows. */
  children: ReactNode;
  /** Instead of the table, when there are no rows. */
  none?: ReactNode;
}

export function TablePanel({ title, to, head, children, none }: Props) {
  return (
    <Paper>
      <Group px="md" pt="sm" justify="space-between">
        <Title order={2} size="h5">
          {title}
        </Title>
        <Anchor size="sm" renderRoot={(props) => <Link to={to} {...props} />}>
          View all
          <VisuallyHidden> {title.toLowerCase()}</VisuallyHidden>
        </Anchor>
      </Group>
      {none ?? (
        <div className={classes.scroll} tabIndex={0} role="region" aria-label={title}>
          <Table verticalSpacing={8} horizontalSpacing="md">
            <Table.Thead>
              <Table.Tr>{head}</Table.Tr>
            </Table.Thead>
            <Table.Tbody>{children}</Table.Tbody>
          </Table>
        </div>
      )}
    </Paper>
  );
}
