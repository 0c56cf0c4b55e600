/** Before what somebody has written is lost by going elsewhere, they are asked. */

import { Button, Group, Stack, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useBlocker } from "@tanstack/react-router";

interface Place {
  pathname: string;
  search: object;
}

/** `isChanged`: there is something to lose. Another search parameter of the same tab loses nothing. */
export function useUnsaved(isChanged: boolean): void {
  useBlocker({
    shouldBlockFn: async ({ current, next }) => !isSame(current, next) && !(await leaves()),
    enableBeforeUnload: isChanged,
    disabled: !isChanged,
  });
}

export function isSame(a: Place, b: Place): boolean {
  return a.pathname === b.pathname && tabOf(a.search) === tabOf(b.search);
}

function tabOf(search: object): unknown {
  return "tab" in search ? search.tab : undefined;
}

/** Whether they leave. Whoever closes the question stays. */
function leaves(): Promise<boolean> {
  return new Promise((answer) => {
    const id = modals.open({
      title: "You have unsaved changes",
      onClose: () => answer(false),
      children: (
        <Stack>
          <Text>If you leave now, they are lost.</Text>
          <Group justify="flex-end">
            <Button
              variant="default"
              onClick={() => {
                answer(true);
                modals.close(id);
              }}
            >
              Leave without saving
            </Button>
            <Button data-autofocus onClick={() => modals.close(id)}>
              Keep editing
            </Button>
          </Group>
        </Stack>
      ),
    });
  });
}
