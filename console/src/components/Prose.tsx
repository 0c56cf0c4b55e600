/** A sentence of the API or the docs: what stands between backticks is code. */

import { Code } from "@mantine/core";

export function Prose({ children }: { children: string }) {
  return children.split("`").map((part, index) =>
    index % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no other identity
      <Code key={index}>{part}</Code>
    ) : (
      part
    ),
  );
}
