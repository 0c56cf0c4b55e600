/** "Syntax help": the language on one screen, with examples that can be taken over. */

import { Button, Code, Divider, Group, Popover, ScrollArea, Stack, Table, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconHelpCircle } from "@tabler/icons-react";
import { COMPARISONS, FUNCTIONS } from "./words";

interface Example {
  means: string;
  fql: string;
}

const EXAMPLES: readonly Example[] = [
  { means: "One event", fql: 'event = "Order Completed"' },
  { means: "Several events", fql: 'event in ["Order Completed", "Order Refunded"]' },
  { means: "Names with a prefix", fql: 'match(event, "Order *")' },
  { means: "With a property", fql: 'event = "Order Completed" and properties.total > 50' },
  { means: "Has an email address", fql: 'type = "identify" and traits.email != null' },
  { means: "From one part of the site", fql: 'contains(context.page.path, "/checkout")' },
  { means: "All but", fql: '!(type = "track" and event = "Debug")' },
];

interface Props {
  trigger?: boolean | undefined;
  /** Takes an example over; without it examples are only shown. */
  onUse?: ((fql: string) => void) | undefined;
}

export function FqlHelp({ trigger, onUse }: Props) {
  const [isOpen, { toggle, close }] = useDisclosure();
  const use =
    onUse &&
    ((fql: string) => {
      onUse(fql);
      close();
    });
  return (
    <Popover
      opened={isOpen}
      onChange={close}
      width={480}
      position="bottom-start"
      trapFocus
      returnFocus
      shadow="md"
    >
      <Popover.Target>
        <Button
          variant="subtle"
          size="compact-xs"
          leftSection={<IconHelpCircle size={14} />}
          onClick={toggle}
          aria-expanded={isOpen}
        >
          Syntax help
        </Button>
      </Popover.Target>
      <Popover.Dropdown maw="calc(100vw - 2rem)" aria-label="Syntax help">
        <ScrollArea.Autosize mah="60vh" type="auto">
          <Stack gap="sm" pr="sm">
            <Examples use={use} />
            <Divider />
            <Text size="sm">
              <b>Members</b> of an event: <Code>event</Code>, <Code>type</Code>, <Code>userId</Code>,{" "}
              <Code>properties.…</Code>, <Code>traits.…</Code>, <Code>context.…</Code> A space or a dot in a
              name has a backslash before it: <Code>properties.first\ name</Code>. What is missing is{" "}
              <Code>null</Code>.
            </Text>
            <Words title="Compare" words={COMPARISONS.map(({ sign, means }) => [sign, means])} />
            <Text size="sm">
              Combine with <Code>and</Code>, <Code>or</Code> and parentheses; negate with <Code>!( … )</Code>.
            </Text>
            <Words
              title="Functions"
              words={FUNCTIONS.map(({ name, takes, gives }) => [`${name}(${takes})`, gives])}
            />
            {trigger && (
              <Text size="sm" c="dimmed">
                Triggers can use type, event, name, userId, properties, traits and context. Greater than and
                less than compare numbers only.
              </Text>
            )}
          </Stack>
        </ScrollArea.Autosize>
      </Popover.Dropdown>
    </Popover>
  );
}

function Examples({ use }: { use: ((fql: string) => void) | undefined }) {
  return (
    <Stack gap={6}>
      {EXAMPLES.map(({ means, fql }) => (
        <Group key={fql} justify="space-between" gap="xs" wrap="nowrap">
          <div>
            <Text size="xs" c="dimmed">
              {means}
            </Text>
            <Code>{fql}</Code>
          </div>
          {use && (
            <Button size="compact-xs" variant="default" onClick={() => use(fql)} aria-label={`Use ${fql}`}>
              Use
            </Button>
          )}
        </Group>
      ))}
    </Stack>
  );
}

function Words({ title, words }: { title: string; words: [string, string][] }) {
  return (
    <Table verticalSpacing={2} withRowBorders={false} highlightOnHover={false} fz="sm" captionSide="top">
      <Table.Caption ta="left" c="var(--mantine-color-text)" fw={600} mt={0}>
        {title}
      </Table.Caption>
      <Table.Tbody>
        {words.map(([word, means]) => (
          <Table.Tr key={word}>
            <Table.Td pl={0}>
              <Code>{word}</Code>
            </Table.Td>
            <Table.Td>{means}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
