/** What is seen on demand: a button that says what there is, and beneath it what it opens. */

import { Button, Collapse } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import type { ReactNode } from "react";

interface Props {
  /** "Advanced settings (3)" */
  label: string;
  isOpen: boolean;
  onToggle: () => void;
  /** What was begun within it is there when it is opened again. */
  keepMounted?: boolean;
  children: ReactNode;
}

export function Fold({ label, isOpen, onToggle, keepMounted, children }: Props) {
  return (
    <>
      <div>
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={isOpen ? <IconChevronDown size={16} /> : <IconChevronRight size={16} />}
          aria-expanded={isOpen}
          onClick={onToggle}
        >
          {label}
        </Button>
      </div>
      <Collapse expanded={isOpen} keepMounted={keepMounted}>
        {children}
      </Collapse>
    </>
  );
}
