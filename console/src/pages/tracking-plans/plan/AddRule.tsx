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
  { value: "track", label: "Track", about: "A user action, such as “Order Completed”" },
  { value: "page", label: "Page", about: "A page view. Leave the name empty for all pages." },
  { value: "screen", label: "Screen", about: "A screen view in an app" },
  { value: "identify", label: "Identify", about: "Traits of a user" },
  { value: "group", label: "Group", about: "Traits of an account" },
  { value: "common", label: "Common", about: "Applies to every event, whatever its call" },
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
          <Radio.Group label="Call" value={type} onChange={(value) => setType(value as RuleType)}>
            <Stack gap="xs" mt={6}>
              {KINDS.map((kind) => (
                <Radio key={kind.value} value={kind.value} label={kind.label} description={kind.about} />
              ))}
            </Stack>
          </Radio.Group>
          {isNamed && (
            <Autocomplete
              label={type === "track" ? "Event" : "Name"}
              description="Exactly as it is sent"
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
              {isThere ? "Open existing rule" : "Add rule"}
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
