/** Pairs of profiles that may be one person. To find them, every profile is read, twice: nobody does that unasked. */

import {
  Alert,
  Anchor,
  Badge,
  Button,
  Group,
  List,
  MultiSelect,
  Paper,
  SimpleGrid,
  Stack,
  Text,
} from "@mantine/core";
import { IconUsers, IconZoomScan } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { $api } from "~/api/client";
import type { LikelyPair, LikelyProfile } from "~/api/schema";
import { Empty, Failed, Loading } from "~/components/states";
import { counted, share } from "~/format/format";
import type { IdentitiesSearch } from "./routes";

const SIGNS = [
  { value: "email", label: "Same email address" },
  { value: "phone", label: "Same phone number" },
  { value: "name_birthday", label: "Same name and birthday" },
  { value: "refused", label: "Rejected id" },
];
const ALL = SIGNS.map((sign) => sign.value);

interface Props {
  search: IdentitiesSearch;
  go: (next: Partial<IdentitiesSearch>) => void;
}

export function Duplicates({ search, go }: Props) {
  const by = search.by?.split(",").filter(Boolean) ?? ALL;
  const query = $api.useQuery(
    "get",
    "/api/v1/identities/duplicates",
    { params: { query: { by: by.join(","), limit: 200 } } },
    {
      enabled: search.look === true && by.length > 0,
      staleTime: 60_000,
      refetchOnWindowFocus: false,
      retry: false,
    },
  );
  return (
    <Stack>
      <Group align="flex-end">
        <MultiSelect
          label="Match by"
          description="What suggests that two profiles are the same person"
          data={SIGNS}
          value={by}
          onChange={(next) =>
            go({ by: next.length === ALL.length ? undefined : next.join(","), look: undefined })
          }
          flex="1 1 18rem"
          maw={640}
        />
        <Button
          leftSection={<IconZoomScan size={16} />}
          loading={query.isFetching}
          disabled={by.length === 0}
          onClick={() => (search.look ? void query.refetch() : go({ look: true }))}
        >
          Find duplicates
        </Button>
      </Group>
      {query.isLoading && (
        <>
          <Text size="sm" c="dimmed" role="status">
            Reading all profiles. A million take about two minutes.
          </Text>
          <Loading />
        </>
      )}
      {query.error && <Failed error={query.error} retry={() => void query.refetch()} />}
      {!search.look && !query.data && (
        <Empty icon={IconUsers} title="Find people with two profiles">
          This happens when no event has carried the ids of both. Headwater finds pairs that share an email
          address, a phone number, or a name and birthday. To merge a pair, send an identify call with the ids
          of both.
        </Empty>
      )}
      {search.look && query.data && <Pairs pairs={query.data.data} complete={query.data.complete} />}
    </Stack>
  );
}

function Pairs({ pairs, complete }: { pairs: LikelyPair[]; complete: boolean }) {
  if (pairs.length === 0)
    return (
      <Empty icon={IconUsers} title="No likely duplicates">
        No two profiles match by these criteria.
      </Empty>
    );
  return (
    <>
      {!complete && (
        <Alert color="yellow" title="Some pairs may be missing">
          There are more shared values than can be compared at once.
        </Alert>
      )}
      <Text size="sm" c="dimmed" role="status">
        {counted(pairs.length, "pair")}, most likely first
      </Text>
      {pairs.map((pair) => (
        <Paper p="md" key={`${pair.one.segment_id} ${pair.other.segment_id}`} component="article">
          <Group justify="space-between" mb="xs">
            <List size="sm">
              {pair.reasons.map((reason) => (
                <List.Item key={reason}>{reason}</List.Item>
              ))}
            </List>
            <Badge color={pair.score >= 0.9 ? "orange" : "yellow"} size="lg">
              {share(pair.score)} likely
            </Badge>
          </Group>
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <Side profile={pair.one} />
            <Side profile={pair.other} />
          </SimpleGrid>
        </Paper>
      ))}
    </>
  );
}

function Side({ profile }: { profile: LikelyProfile }) {
  return (
    <Paper p="sm">
      <Anchor
        fw={600}
        renderRoot={(props) => <Link to="/profiles/$who" params={{ who: profile.segment_id }} {...props} />}
      >
        {profile.segment_id.slice(0, 16)}…
      </Anchor>
      <Group gap={4} mt={4}>
        {profile.external_ids.map((id) => (
          <Badge key={`${id.type}:${id.value}`} color="gray" maw="100%" title={`${id.type} ${id.value}`}>
            {id.type}: {id.value}
          </Badge>
        ))}
      </Group>
    </Paper>
  );
}
