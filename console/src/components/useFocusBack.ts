/**
 * For what opens with the address, and is there only while it is open: the focus goes back to what had it when this
 * came. (Mantine's dialogs give it back only when they were there before, closed.)
 */

import { useEffect, useState } from "react";

export function useFocusBack(): void {
  const [opener] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    },
    [opener],
  );
}
