/** Takes the newest version back. */

import { Button } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { May } from "~/components/May";
import { rollBack } from "./rollBack";

export function Undo({ version, size = "compact-sm" }: { version: number; size?: string }) {
  const queries = useQueryClient();
  return (
    <May role="editor">
      <Button
        size={size}
        variant="default"
        leftSection={<IconArrowBackUp size={14} />}
        onClick={() =>
          rollBack(queries, { title: `Undo version ${version}`, to: version - 1, verb: "Undo change" })
        }
      >
        Undo
      </Button>
    </May>
  );
}
