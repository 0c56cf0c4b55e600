/** What the list of receipts is narrowed by. What is typed counts after a pause. */

import { Button, Collapse, Group, SegmentedControl, Select, SimpleGrid } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconAdjustmentsHorizontal } from "@tabler/icons-react";
import { $api } from "~/api/client";
import { STATUS_CHOICES } from "~/components/receipts";
import { Typed } from "~/components/Typed";
import type { DeliveriesSearch } from "./routes";

const SPANS = [
  { value: "", label: "Any time" },
  { value: "1h", label: "Last hour" },
  { value: "24h", label: "Last 24 hours" },
  { value: "7d", label: "Last 7 days" },
];

type Field = "message_id" | "user_id" | "profile_id" | "event" | "reason";

const FIELDS: { name: Field; label: string; placeholder: string }[] = [
  { name: "event", label: "Event", placeholder: "Order Completed" },
  { name: "reason", label: "Reason code", placeholder: "ETIMEDOUT" },
  { name: "message_id", label: "Message ID", placeholder: "0f6e-77" },
  { name: "user_id", label: "User ID", placeholder: "ann" },
  { name: "profile_id", label: "Profile ID", placeholder: "use_…" },
];

interface Props {
  value: DeliveriesSearch;
  onChange: (change: Partial<DeliveriesSearch>) => void;
}

export function Filters({ value, onChange }: Props) {
  const destinations = $api.useQuery("get", "/api/v1/destinations", {
    params: { query: { limit: 1000 } },
  });
  const sources = $api.useQuery("get", "/api/v1/sources", { params: { query: { limit: 1000 } } });
  const isDetailed = FIELDS.some(({ name }) => value[name]) || Boolean(value.source);
  const [opened, { toggle }] = useDisclosure(isDetailed);
  return (
    <>
      <Group mb="sm" gap="sm" align="flex-end">
        <SegmentedControl
          aria-label="Status"
          data={STATUS_CHOICES}
          value={value.status ?? ""}
          onChange={(status) => onChange({ status: (status || undefined) as DeliveriesSearch["status"] })}
        />
        <Select
          aria-label="Destination"
          placeholder="Any destination"
          searchable
          clearable
          data={destinations.data?.data.map((each) => each.name) ?? []}
          value={value.destination ?? null}
          onChange={(name) => onChange({ destination: name ?? undefined })}
          w="13rem"
        />
        <Select
          aria-label="Time"
          data={SPANS}
          value={value.since ?? ""}
          onChange={(since) => onChange({ since: since || undefined })}
          allowDeselect={false}
          w="10rem"
        />
        <Button
          variant={isDetailed ? "light" : "subtle"}
          leftSection={<IconAdjustmentsHorizontal size={16} />}
          onClick={toggle}
          aria-expanded={opened}
        >
          More filters
        </Button>
      </Group>
      <Collapse expanded={opened}>
        <SimpleGrid cols={{ base: 1, xs: 2, md: 3, lg: 6 }} mb="md" spacing="sm">
          <Select
            label="Source"
            placeholder="Any"
            searchable
            clearable
            data={sources.data?.data.map((each) => each.name) ?? []}
            value={value.source ?? null}
            onChange={(name) => onChange({ source: name ?? undefined })}
          />
          {FIELDS.map((field) => (
            <Typed
              key={field.name}
              label={field.label}
              placeholder={field.placeholder}
              value={value[field.name] ?? ""}
              onTyped={(text) => onChange({ [field.name]: text.trim() || undefined })}
            />
          ))}
        </SimpleGrid>
      </Collapse>
    </>
  );
}
