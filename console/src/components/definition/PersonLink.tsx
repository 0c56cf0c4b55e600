/** Somebody, by the id that says most, with a way to their page; the other ids beneath. */

import { Anchor, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type Known, namesOf, personName } from "./person";

interface Props {
  person: Known;
  /** How many of the other ids there is room for. */
  idsShown?: number;
}

export function PersonLink({ person, idsShown }: Props) {
  return (
    <div>
      <div>
        <Anchor
          size="sm"
          fw={500}
          renderRoot={(props) => <Link to="/profiles/$who" params={{ who: person.segment_id }} {...props} />}
        >
          {personName(person)}
        </Anchor>
      </div>
      <Text size="xs" c="dimmed" lineClamp={1}>
        {namesOf(person, idsShown)}
      </Text>
    </div>
  );
}
