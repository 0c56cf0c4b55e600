/** Whom an audience shares with others: a picture of two or three, numbers of up to eight. */

import { Group, MultiSelect, Paper, Progress, SimpleGrid, Stack, Table, Text, Title } from "@mantine/core";
import { IconCircles } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { $api } from "~/api/client";
import type { AudienceLine, Overlaps } from "~/api/schema";
import { Empty, Loaded } from "~/components/states";
import { count, share } from "~/format/format";
import { useAudiences } from "./queries";
import { CIRCLE_COLORS, Venn } from "./Venn";
import { inAll } from "./venn";

const OTHERS_MAX = 7;
const EVERY_MS = 15_000;

export function OverlapTab({ line }: { line: AudienceLine }) {
  const search = useSearch({ from: "/shell/audiences/$key" });
  const navigate = useNavigate({ from: "/audiences/$key" });
  const all = useAudiences();
  const others = (all.data?.data ?? []).filter(
    (each) => each.collection === line.collection && each.key !== line.key,
  );
  const names = new Map((all.data?.data ?? []).map((each) => [each.key, each.name || each.key]));
  // The largest are what one compares with first; the address says otherwise.
  const first = [...others]
    .sort((one, other) => other.size - one.size)
    .slice(0, 2)
    .map((each) => each.key);
  const chosen = (search.with ?? first).filter((key) => others.some((each) => each.key === key));
  const query = $api.useQuery(
    "get",
    "/api/v1/audiences/{key}/overlaps",
    { params: { path: { key: line.key }, query: { with: chosen.join(","), collection: line.collection } } },
    { enabled: chosen.length > 0, refetchInterval: EVERY_MS, placeholderData: keepPreviousData },
  );

  if (all.data && others.length === 0)
    return (
      <Empty icon={IconCircles} title="Nothing to compare with">
        Create another audience to see how many people are in both.
      </Empty>
    );
  return (
    <Stack>
      <MultiSelect
        label="Compare with"
        description="Up to seven other audiences. Two or three in total are drawn as circles."
        data={others.map((each) => ({ value: each.key, label: each.name || each.key }))}
        value={chosen}
        onChange={(next) => void navigate({ search: (before) => ({ ...before, with: next }), replace: true })}
        maxValues={OTHERS_MAX}
        searchable
        maw="40rem"
      />
      {chosen.length === 0 ? (
        <Text c="dimmed">Choose at least one audience to compare with.</Text>
      ) : (
        <Loaded query={query}>{(found) => <Compared found={found} names={names} />}</Loaded>
      )}
    </Stack>
  );
}

function Compared({ found, names }: { found: Overlaps; names: ReadonlyMap<string, string> }) {
  const { audiences, regions } = found;
  const [first = "", ...others] = audiences;
  const name = (key: string) => names.get(key) ?? key;
  const size = inAll(regions, [first]);
  const isDrawn = audiences.length <= 3;
  const said = others
    .map((key) => `${count(inAll(regions, [first, key]))} of ${count(size)} are also in ${name(key)}`)
    .join("; ");
  return (
    <>
      <SimpleGrid cols={{ base: 1, md: isDrawn ? 2 : 1 }}>
        {isDrawn && (
          <Paper p="md">
            <Title order={2} size="h5" mb="xs">
              Overlap
            </Title>
            <Venn keys={audiences} regions={regions} label={`${name(first)}: ${said}.`} />
            <Group gap="md" mt="xs">
              {audiences.map((key, index) => (
                <Group key={key} gap={6} wrap="nowrap">
                  <span
                    aria-hidden
                    style={{
                      width: 12,
                      height: 12,
                      borderRadius: 6,
                      background: `var(--mantine-color-${CIRCLE_COLORS[index]}-5)`,
                    }}
                  />
                  <Text size="sm">
                    {name(key)}, {count(inAll(regions, [key]))}
                  </Text>
                </Group>
              ))}
            </Group>
          </Paper>
        )}
        <Paper p="md">
          <Title order={2} size="h5" mb="xs">
            {`Members of ${name(first)}`}
          </Title>
          <Stack gap="sm">
            {others.map((key) => {
              const both = inAll(regions, [first, key]);
              const part = size === 0 ? 0 : both / size;
              return (
                <div key={key}>
                  <Group justify="space-between" gap="xs">
                    <Text size="sm">also in {name(key)}</Text>
                    <Text size="sm" className="hw-figures">
                      {count(both)} · {share(part)}
                    </Text>
                  </Group>
                  <Progress value={part * 100} size="sm" mt={4} aria-label={`${name(key)}: ${share(part)}`} />
                </div>
              );
            })}
          </Stack>
        </Paper>
      </SimpleGrid>
      <Matrix audiences={audiences} regions={regions} name={name} />
      <Paper p="md" style={{ overflowX: "auto" }} tabIndex={0} role="region" aria-label="Every combination">
        <Title order={2} size="h5" mb="xs">
          By combination
        </Title>
        <Table verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>In</Table.Th>
              <Table.Th>Not in</Table.Th>
              <Table.Th ta="right">People</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {regions.map((region) => (
              <Table.Tr key={region.audiences.join()}>
                <Table.Td>{region.audiences.map(name).join(" and ")}</Table.Td>
                <Table.Td c="dimmed">
                  {audiences
                    .filter((key) => !region.audiences.includes(key))
                    .map(name)
                    .join(", ") || "–"}
                </Table.Td>
                <Table.Td ta="right">{count(region.count)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Paper>
    </>
  );
}

/** Of each row's audience, how many are in the column's. */
function Matrix({
  audiences,
  regions,
  name,
}: {
  audiences: readonly string[];
  regions: Overlaps["regions"];
  name: (key: string) => string;
}) {
  if (audiences.length < 3) return null;
  return (
    <Paper p="md" style={{ overflowX: "auto" }} tabIndex={0} role="region" aria-label="Pairwise overlap">
      <Title order={2} size="h5" mb="xs">
        Pairwise overlap
      </Title>
      <Table verticalSpacing={6} withColumnBorders>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Members of</Table.Th>
            {audiences.map((key) => (
              <Table.Th key={key} ta="right">
                also in {name(key)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {audiences.map((row) => {
            const size = inAll(regions, [row]);
            return (
              <Table.Tr key={row}>
                <Table.Th scope="row">{name(row)}</Table.Th>
                {audiences.map((column) => {
                  const both = inAll(regions, [row, column]);
                  const part = size === 0 ? 0 : both / size;
                  return (
                    <Table.Td
                      key={column}
                      ta="right"
                      style={
                        row === column
                          ? undefined
                          : {
                              background: `color-mix(in srgb, var(--mantine-color-water-5) ${Math.round(part * 40)}%, transparent)`,
                            }
                      }
                    >
                      {count(both)}
                      {row !== column && (
                        <Text span size="xs" ml={6} inherit={false}>
                          {share(part)}
                        </Text>
                      )}
                    </Table.Td>
                  );
                })}
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Paper>
  );
}
