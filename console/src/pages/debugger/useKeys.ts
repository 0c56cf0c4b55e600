import { useEffect, useEffectEvent } from "react";

/** What each key does; others keep their meaning. */
export type Keys = ReadonlyMap<string, () => void>;

/** Keys of the page, unless one is typing, or the key means something where the focus is. */
export function useKeys(keys: Keys) {
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as HTMLElement;
    if (target.closest("input, textarea, select, [contenteditable='true'], .cm-editor")) return;
    const isPress = event.key === " " || event.key === "Enter";
    if (isPress && target.closest("button, a, summary, [role='tab']")) return;
    // What is open closes by this key, and nothing else happens.
    if (event.key === "Escape" && document.querySelector("[role='dialog']")) return;
    const act = keys.get(event.key);
    if (!act) return;
    if (event.key === " ") event.preventDefault();
    act();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => press(event);
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
}
