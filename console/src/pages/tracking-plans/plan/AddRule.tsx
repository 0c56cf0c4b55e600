/** A new rule: for which call, and for which event. */

import { Autocomplete, Button, Group, Modal, Radio, Stack } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { $api } from "~/api/client";
import type { RuleType } from "~/api/schema";
import { findRule, NAMED, payloadPlace, type RuleDraft, ruleKey, withRule } from "../model/draft";
import { put } from "../model/schema";
import { usePlan } from "./context";

const route = getRouteApi("/shell/tracking-plans/$name");

const KINDS: { value: RuleType; label: string; about: string }[] = [
  { value: "track", label: "Track", about: "Something that somebody does, as “Order Completed”" },
  { value: "page", label: "Page", about: "A page that is seen; without a name, all of them" },
  { value: "screen", label: "Screen", about: "The same in an app" },
  { value: "identify", label: "Identify", about: "What is said about a person: traits" },
  { value: "group", label: "Group", about: "What is said about an account: traits" },
  { value: "common", label: "Common", about: "The whole of every event, whatever its call" },
];

export function AddRule({ onClose }: { onClose: () => void }) {
  const { draft, update } = usePlan();
  const navigate = route.useNavigate();
  const [type, setType] = useState<RuleType>("track");
  const [event, setEvent] = useState("");
  const [prefix] = useDebouncedValue(event, 200);
  const names = useSeenEvents(prefix, type);
  const isNamed = NAMED.includes(type);
  const rule: RuleDraft = {
    type,
    event: isNamed ? event.trim() : "",
    version: 1,
    description: "",
    labels: {},
    schema: put({ type: "object" }, payloadPlace(type), { type: "object", properties: {} }),
  };
  const isThere = findRule(draft.rules, ruleKey(rule)) >= 0;
  const isMissing = type === "track" && !rule.event;

  return (
    <Modal opened onClose={onClose} title="Add rule">
      <form
        onSubmit={(submitted) => {
          submitted.preventDefault();
          if (!isThere) update((before) => withRule(before, rule));
          void navigate({ search: { tab: "rules", rule: ruleKey(rule) } });
        }}
      >
        <Stack>
          <Radio.Group label="For which call" value={type} onChange={(value) => setType(value as RuleType)}>
            <Stack gap="xs" mt={6}>
              {KINDS.map((kind) => (
                <Radio key={kind.value} value={kind.value} label={kind.label} description={kind.about} />
              ))}
            </Stack>
          </Radio.Group>
          {isNamed && (
            <Autocomplete
              label={type === "track" ? "Event" : "Name"}
              description="Exactly as it is sent; names that were seen are proposed"
              data={names}
              value={event}
              onChange={setEvent}
              required={type === "track"}
              maxLength={256}
              data-autofocus
            />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={isMissing}>
              {isThere ? "Open the rule there is" : "Add rule"}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** Names that begin so and were really sent, most frequent first. */
function useSeenEvents(prefix: string, type: RuleType): string[] {
  const { data } = $api.useQuery(
    "get",
    "/api/v1/schema/suggestions",
    { params: { query: { kind: "event", prefix } } },
    { enabled: type === "track", placeholderData: (before) => before },
  );
  return [...new Set(data?.data.map((each) => each.text) ?? [])];
}
