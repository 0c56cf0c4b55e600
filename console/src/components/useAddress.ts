/**
 * What makes a link of an anchor or a button, for an address that the API gives: a path of the console that none of
 * the router's types knows.
 */

import { useRouter } from "@tanstack/react-router";
import type { MouseEvent } from "react";

interface Linking {
  href: string;
  onClick: (event: MouseEvent) => void;
}

export function useAddress(): (to: string) => Linking {
  const { history } = useRouter();
  return (to) => ({
    href: to,
    onClick: (event) => {
      // In another tab or window, the browser does it.
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      history.push(to);
    },
  });
}
