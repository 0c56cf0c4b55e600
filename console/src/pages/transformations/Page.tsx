/** All transformations, in their order, with what they do to the newest events. */

import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconFilterCog, IconPlus, IconSearch } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { $api, api } from "~/api/client";
import type {
  PageHeadwaterServeGovernTransformationsTransformationLine as Listed,
  TransformationLine,
} from "~/api/schema";
import { useMay } from "~/api/session";
import { confirm } from "~/components/confirm";
import { May } from "~/components/May";
import { PageHeader } from "~/components/PageHeader";
import { Empty, Failed, Loaded } from "~/components/states";
import { Typed } from "~/components/Typed";
import { counted } from "~/format/format";
import { definitionOf, draftOf, hides, inWords } from "./model/draft";
import { OrderList } from "./OrderList";

const route = getRouteApi("/shell/transformations");

/** As many as a workspace may have. */
const LISTED = 500;

const LIST = $api.queryOptions("get", "/api/v1/transformations", {
  params: { query: { limit: LISTED } },
});

/** Changes of the order that are under way, or wait for their turn. */
const ORDER = ["transformations", "order"];

/** The newest events that they are tried on for the list. */
const TRIED = 200;

export default function Page() {
  const { q = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const mayEdit = useMay("editor");
  const found = useQuery(LIST);
  const tried = $api.useQuery(
    "post",
    "/api/v1/transformations/-/test",
    { body: { last: TRIED, whole: 0 } },
    { enabled: (found.data?.data.length ?? 0) > 0, staleTime: 60_000, retry: false },
  );
  const { order, turn } = useChanges();
  const search = (text: string) => navigate({ search: { q: text || undefined }, replace: true });
  const add = (
    <May role="editor">
      <Button
        leftSection={<IconPlus size={16} />}
        renderRoot={(props) => <Link to="/transformations/-/new" {...props} />}
      >
        New transformation
      </Button>
    </May>
  );

  const ask = (rule: TransformationLine) => {
    if (!rule.enabled || !hides(draftOf(rule.definition))) return turn.mutate(rule);
    confirm({
      title: `Turn off ${rule.name}`,
      children: `It ${inWords(draftOf(rule.definition)).join("; ")}. New events will pass and be stored unchanged.`,
      confirm: "Turn off",
      act: () => turn.mutateAsync(rule),
    });
  };

  return (
    <>
      <PageHeader
        title="Transformations"
        description="Rules that change events: for everyone before they are stored, or for one destination just before sending."
        actions={add}
      />
      <Loaded query={found}>
        {({ data }) => {
          const shown = data.filter((rule) => matches(rule, q));
          if (data.length === 0)
            return (
              <Empty icon={IconFilterCog} title="No transformations yet" action={add}>
                Fix names an old app sends wrong, remove sensitive data, or fill in missing values, and
                preview the result on real events first.
              </Empty>
            );
          return (
            <>
              <Group justify="space-between" mb="sm" gap="sm">
                {data.length > 5 ? (
                  <Typed
                    aria-label="Search transformations"
                    placeholder="Search"
                    leftSection={<IconSearch size={16} />}
                    value={q}
                    onTyped={search}
                    maw={320}
                  />
                ) : (
                  <span />
                )}
                <Text size="sm" c="dimmed">
                  {tried.data
                    ? `Previewed on the newest ${counted(tried.data.tested, "event")}`
                    : tried.isPending
                      ? "Previewing on the newest events …"
                      : ""}
                </Text>
              </Group>
              {(order.error ?? turn.error) !== null && <Failed error={order.error ?? turn.error} />}
              {shown.length === 0 ? (
                <Empty icon={IconSearch} title={`No transformations match “${q}”`} />
              ) : (
                <OrderList
                  rules={shown}
                  tried={tried.data}
                  // What is not shown has a place as well.
                  mayEdit={mayEdit && shown.length === data.length}
                  onOrder={(names, moved) => order.mutate({ names, moved })}
                  onSwitch={ask}
                />
              )}
              <Text size="sm" c="dimmed" mt="sm">
                Applied from top to bottom; each one sees the result of those before it. Destination-specific
                ones run last.
              </Text>
            </>
          );
        }}
      </Loaded>
    </>
  );
}

function matches(rule: TransformationLine, q: string): boolean {
  const draft = draftOf(rule.definition);
  const text = [rule.name, draft.description, draft.if, rule.destination, ...rule.sources, ...inWords(draft)];
  return text.join(" ").toLowerCase().includes(q.toLowerCase());
}

function useChanges() {
  const queries = useQueryClient();
  const order = useMutation({
    // One after the other: each says the whole order.
    mutationKey: ORDER,
    scope: { id: "order" },
    mutationFn: ({ names }: { names: string[]; moved: string }) =>
      api.PUT("/api/v1/transformations", { body: { order: names } }),
    onMutate: async ({ names }) => {
      await queries.cancelQueries({ queryKey: LIST.queryKey });
      queries.setQueryData<Listed>(
        LIST.queryKey,
        (before) =>
          before && {
            ...before,
            data: names.flatMap((name) => before.data.filter((rule) => rule.name === name)),
          },
      );
    },
    // Asked before the last one has been answered, the platform would tell an order that is moved on from already.
    onSettled: () => void (queries.isMutating({ mutationKey: ORDER }) === 1 && queries.invalidateQueries()),
    onSuccess: (_, { names, moved }) => {
      notifications.show({ message: `Moved ${moved} to position ${names.indexOf(moved) + 1}.` });
    },
  });
  const turn = useMutation({
    mutationFn: (rule: TransformationLine) =>
      api.PUT("/api/v1/transformations/{name}", {
        params: { path: { name: rule.name } },
        body: definitionOf({ ...draftOf(rule.definition), enabled: !rule.enabled }),
      }),
    onSuccess: async (_, rule) => {
      await queries.invalidateQueries();
      notifications.show({
        message: rule.enabled ? `Turned off ${rule.name}.` : `Turned on ${rule.name}.`,
      });
    },
  });
  return { order, turn };
}
