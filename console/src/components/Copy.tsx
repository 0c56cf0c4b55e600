/** Copying, with an answer. */

import { ActionIcon, Button, CopyButton, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";

/** `what` names it for screen readers: "write key". With `label` it is a button with words. */
export function Copy({ value, what, label }: { value: string; what: string; label?: string }) {
  return (
    <CopyButton value={value} timeout={1_500}>
      {({ copied, copy }) =>
        label ? (
          <Button
            size="xs"
            variant="default"
            leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
            onClick={copy}
          >
            {copied ? "Copied" : label}
          </Button>
        ) : (
          <Tooltip label={copied ? "Copied" : `Copy ${what}`}>
            <ActionIcon variant="subtle" color="gray" onClick={copy} aria-label={`Copy ${what}`}>
              {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
            </ActionIcon>
          </Tooltip>
        )
      }
    </CopyButton>
  );
}
