/** A few of those that a definition is true of, each with the way to their profile. */

import { Group, Table, Text, Title } from "@mantine/core";
import type { PreviewLine } from "~/api/schema";
import { valueText } from "~/format/value";
import { PersonLink } from "../definition/PersonLink";
import { personName } from "../definition/person";
import { Initials } from "../Initials";

const SHOWN = 6;

interface Props {
  lines: readonly PreviewLine[];
  title: string;
  /** Of a trait: the value stands beside. */
  hasValue: boolean;
}

export function SamplePeople({ lines, title, hasValue }: Props) {
  return (
    <div>
      <Title order={3} size="xs" c="dimmed" fw={600} mb={2} id="sample">
        {title}
      </Title>
      <Table verticalSpacing={6} horizontalSpacing={0} aria-labelledby="sample" highlightOnHover={false}>
        <Table.Tbody>
          {lines.slice(0, SHOWN).map((line) => (
            <Table.Tr key={line.segment_id}>
              <Table.Td>
                <Group gap="xs" wrap="nowrap">
                  <Initials name={personName(line)} size={28} />
                  <PersonLink person={line} idsShown={1} />
                </Group>
              </Table.Td>
              {hasValue && (
                <Table.Td ta="right">
                  <Text size="sm" fw={600} lineClamp={2}>
                    {valueText(line.value)}
                  </Text>
                </Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
