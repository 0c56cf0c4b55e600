/** The editor in the colours of the rest, in both schemes. */

import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const highlight = HighlightStyle.define([
  {
    tag: [tags.propertyName, tags.definition(tags.propertyName), tags.variableName],
    color: "light-dark(#0b647e, #72c0d6)",
  },
  { tag: [tags.string, tags.special(tags.string)], color: "light-dark(#2b6e3f, #9ad1a8)" },
  { tag: [tags.number, tags.bool, tags.null], color: "light-dark(#8a4b08, #e5b57a)" },
  { tag: [tags.keyword, tags.operatorKeyword, tags.operator], color: "light-dark(#7a2f8a, #d6a4e0)" },
  {
    tag: [tags.function(tags.variableName), tags.standard(tags.name)],
    color: "light-dark(#1c4fa0, #8db8f5)",
  },
  { tag: tags.comment, color: "var(--mantine-color-dimmed)" },
]);

const look = EditorView.theme({
  "&": { color: "var(--mantine-color-text)", backgroundColor: "transparent" },
  ".cm-content": { caretColor: "var(--mantine-color-text)" },
  ".cm-cursor": { borderLeftColor: "var(--mantine-color-text)" },
  ".cm-gutters": {
    backgroundColor: "transparent",
    color: "var(--mantine-color-dimmed)",
    borderRight: "1px solid var(--hw-line)",
  },
  ".cm-activeLine": { backgroundColor: "light-dark(#f1f5f820, #ffffff08)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "light-dark(#cfe8f0, #1f4a59) !important",
  },
  ".cm-placeholder": { color: "var(--mantine-color-placeholder)" },
  ".cm-tooltip": {
    backgroundColor: "var(--hw-raised)",
    color: "var(--mantine-color-text)",
    border: "1px solid var(--hw-line)",
    borderRadius: "6px",
    boxShadow: "var(--mantine-shadow-md)",
  },
  ".cm-tooltip-autocomplete ul li[aria-selected]": {
    backgroundColor: "var(--mantine-color-water-7)",
    color: "#fff",
  },
  ".cm-completionDetail": { color: "inherit", opacity: 0.8, marginLeft: "1em" },
});

export const colours = [look, syntaxHighlighting(highlight)];
