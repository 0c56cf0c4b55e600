/** Which values people have: how numbers are spread, what is most frequent, who has most. */

import {
  Alert,
  Group,
  Paper,
  Progress,
  SimpleGrid,
  Skeleton,
  Stack,
  Table,
  Text,
  Title,
} from "@mantine/core";
import { lazy, Suspense, useMemo } from "react";
import type { TraitLine, TraitValues } from "~/api/schema";
import { readDefinition } from "~/components/builder/draft";
import { Words } from "~/components/builder/Words";
import { PersonLink } from "~/components/definition/PersonLink";
import { Backfill } from "~/components/definition/Status";
import { Figure } from "~/components/Figure";
import { Loaded } from "~/components/states";
import { count, share } from "~/format/format";
import { valueText } from "~/format/value";
import { useValues } from "./queries";

const Histogram = lazy(() => import("./Histogram"));

const TOP_SHOWN = 12;
const PEOPLE_SHOWN = 8;
const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });

export function OverviewTab({ line }: { line: TraitLine }) {
  const values = useValues(line.key, line.collection);
  const tree = useMemo(() => readDefinition("traits", line.definition), [line.definition]);
  return (
    <Stack>
      {line.problem && (
        <Alert color="red" title="This trait could not be computed">
          {line.problem}
        </Alert>
      )}
      <Backfill line={line} />
      <Paper p="md">
        <Title order={2} size="h5" mb={6}>
          How it is computed
        </Title>
        <Words tree={tree} collection={line.collection as "users"} />
      </Paper>
      <Loaded query={values}>{(found) => <Values found={found} line={line} />}</Loaded>
    </Stack>
  );
}

function Values({ found, line }: { found: TraitValues; line: TraitLine }) {
  const { spread } = found;
  const noun = line.collection === "users" ? "people" : "accounts";
  const least = found.distinct_is_least ? "at least " : "";
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
        <Figure
          label="Profiles with a value"
          value={count(found.with_value)}
          note={`of ${count(found.profiles)} ${noun}${found.is_sample ? " sampled" : ""}, ${share(found.profiles === 0 ? 0 : found.with_value / found.profiles)}`}
        />
        {spread ? (
          <>
            <Figure
              label="Average"
              value={number.format(spread.mean)}
              note={`median ${number.format(spread.median)}`}
            />
            <Figure label="Minimum" value={number.format(spread.smallest)} />
            <Figure label="Maximum" value={number.format(spread.largest)} />
          </>
        ) : (
          <Figure label="Distinct values" value={`${least}${count(found.distinct)}`} />
        )}
      </SimpleGrid>
      {found.with_value === 0 ? (
        <Text c="dimmed">
          {line.status === "computing"
            ? "Values appear while past events are being processed."
            : "No values yet. They appear with the first matching event."}
        </Text>
      ) : (
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          <Paper p="md">
            <Title order={2} size="h5" mb="sm">
              {spread ? "Distribution" : "Most frequent values"}
            </Title>
            {spread ? (
              <figure style={{ margin: 0 }}>
                <Suspense fallback={<Skeleton height={260} />}>
                  <Histogram spread={spread} noun={noun} />
                </Suspense>
                <Text component="figcaption" size="xs" c="dimmed" mt="xs">
                  From {number.format(spread.smallest)} to {number.format(spread.largest)}; half of the {noun}{" "}
                  have {number.format(spread.median)} or less.
                </Text>
              </figure>
            ) : (
              <Top found={found} />
            )}
          </Paper>
          <Paper p="md">
            <Title order={2} size="h5" mb="sm">
              {spread ? "Top profiles" : "Sample profiles"}
            </Title>
            <Table
              verticalSpacing={5}
              horizontalSpacing={0}
              aria-label={spread ? "Top profiles" : "Sample profiles"}
            >
              <Table.Tbody>
                {found.people.slice(0, PEOPLE_SHOWN).map((person) => (
                  <Table.Tr key={person.segment_id}>
                    <Table.Td>
                      <PersonLink person={person} />
                    </Table.Td>
                    <Table.Td ta="right">
                      <Text size="sm" lineClamp={3}>
                        {valueText(person.value)}
                      </Text>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Paper>
        </SimpleGrid>
      )}
      {found.is_sample && (
        <Text size="sm" c="dimmed">
          Based on a sample of {count(found.profiles)} {noun}. Shares are accurate to half a percent; totals
          are larger.
        </Text>
      )}
    </>
  );
}

function Top({ found }: { found: TraitValues }) {
  const most = found.top[0]?.profiles ?? 1;
  return (
    <Stack gap={8}>
      {found.top.slice(0, TOP_SHOWN).map((each) => (
        <div key={JSON.stringify(each.value)}>
          <Group justify="space-between" gap="sm" wrap="nowrap">
            <Text size="sm" lineClamp={1}>
              {valueText(each.value)}
            </Text>
            <Text size="sm" className="hw-figures" style={{ whiteSpace: "nowrap" }}>
              {count(each.profiles)} · {share(each.profiles / Math.max(1, found.with_value))}
            </Text>
          </Group>
          <Progress
            size="sm"
            value={(each.profiles / most) * 100}
            mt={2}
            aria-label={`${valueText(each.value)}: ${count(each.profiles)}`}
          />
        </div>
      ))}
    </Stack>
  );
}
