/** Name, key and collection of a new trait or audience. The key follows the name until somebody writes one. */

import { Group, Input, SegmentedControl, TextInput } from "@mantine/core";
import { useState } from "react";
import type { Collection } from "../builder/context";

export interface Identity {
  name: string;
  key: string;
  collection: Collection;
}

interface Props {
  value: Identity;
  onChange: (value: Identity) => void;
  /** Of the API, about the key. */
  keyError?: string | undefined;
  placeholder: string;
}

export function Identify({ value, onChange, keyError, placeholder }: Props) {
  const [isOwnKey, setOwnKey] = useState(value.key !== keyOf(value.name));
  return (
    <Group align="flex-start" mb="lg" gap="md">
      <TextInput
        label="Name"
        description="Shown in the console"
        placeholder={placeholder}
        value={value.name}
        onChange={(event) => {
          const name = event.currentTarget.value;
          onChange({ ...value, name, key: isOwnKey ? value.key : keyOf(name) });
        }}
        flex="1 1 16rem"
        data-autofocus
      />
      <TextInput
        label="Key"
        description="Used by destinations and the API. Cannot be changed later."
        value={value.key}
        onChange={(event) => {
          setOwnKey(event.currentTarget.value !== "");
          onChange({ ...value, key: event.currentTarget.value });
        }}
        error={keyError}
        flex="1 1 14rem"
        required
      />
      <Input.Wrapper
        label="Profiles"
        description="Who it describes"
        labelElement="div"
        labelProps={{ id: "collection-label" }}
      >
        <div>
          <SegmentedControl
            mt={4}
            aria-labelledby="collection-label"
            data={[
              { value: "users", label: "People" },
              { value: "accounts", label: "Accounts" },
            ]}
            value={value.collection}
            onChange={(collection) => onChange({ ...value, collection: collection as Collection })}
          />
        </div>
      </Input.Wrapper>
    </Group>
  );
}

/** "Big spenders (30 days)" → "big_spenders_30_days". */
export function keyOf(name: string): string {
  return name
    .normalize("NFD")
    .replace(/\p{Mn}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, 60);
}
