/** A name that was seen before, or one that will be: with how often it was seen and what its values are. */

import { Autocomplete, Group, Text } from "@mantine/core";
import { compact } from "~/format/format";
import { type SuggestionKind, useSuggestions } from "../suggestions";
import { widthOf } from "./Pick";

const LETTERS_MIN = 14;
const LETTERS_MAX = 34;

interface Props {
  label: string;
  /** Null: nothing is proposed. */
  kind: SuggestionKind | null;
  /** Of properties: whose. */
  event?: string | undefined;
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  readOnly: boolean;
  hasError?: boolean;
  /** Names that are not proposed. */
  without?: readonly string[];
}

export function NameField(props: Props) {
  const { label, kind, event, value, onChange, placeholder, readOnly, hasError, without } = props;
  const found = useSuggestions(kind, value, event).filter((each) => !without?.includes(each.text));
  const about = new Map(found.map((each) => [each.text, each]));
  return (
    <Autocomplete
      size="xs"
      w={widthOf(Math.min(Math.max(value.length, placeholder?.length ?? 0, LETTERS_MIN), LETTERS_MAX))}
      maw="100%"
      aria-label={label}
      placeholder={placeholder}
      value={value}
      onChange={onChange}
      readOnly={readOnly}
      error={hasError && value !== ""}
      data={[...about.keys()]}
      filter={({ options }) => options}
      maxDropdownHeight={280}
      comboboxProps={{ width: 320, position: "bottom-start" }}
      renderOption={({ option }) => {
        const each = about.get(option.value);
        return (
          <Group justify="space-between" wrap="nowrap" gap="sm" w="100%">
            <Text size="sm" style={{ overflowWrap: "anywhere" }}>
              {option.value}
            </Text>
            <Text size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
              {[
                each?.types.filter((type) => type !== "null").join(", "),
                each?.volume ? compact(each.volume) : each?.detail,
              ]
                .filter(Boolean)
                .join(" · ")}
            </Text>
          </Group>
        );
      }}
    />
  );
}
