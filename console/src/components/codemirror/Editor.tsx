/** The editor itself. Its document is the truth while one types; `value` replaces it only when it says something else. */

import {
  autocompletion,
  type CompletionSource,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { sql } from "@codemirror/lang-sql";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, indentOnInput } from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  placeholder as hint,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { useEffect, useEffectEvent, useRef } from "react";
import { styleNonce } from "~/theme/nonce";
import classes from "./Editor.module.css";
import { fql } from "./fql";
import { colours } from "./theme";

export type Language = "json" | "yaml" | "sql" | "fql" | "text";

/** `from` and `to` are offsets into the text. */
export interface Mark {
  from: number;
  to: number;
  message: string;
  severity?: "error" | "warning" | "info";
}

export interface EditorProps {
  value: string;
  onChange?: (value: string) => void;
  language: Language;
  label?: string;
  labelledBy?: string | undefined;
  describedBy?: string | undefined;
  hasError?: boolean;
  readOnly?: boolean;
  rowsMin?: number;
  rowsMax?: number;
  /** One line: no gutter. */
  singleLine?: boolean;
  /** Called for Enter in one line, for Ctrl Enter in several. */
  onSubmit?: () => void;
  placeholder?: string;
  marks?: readonly Mark[];
  complete?: CompletionSource;
}

const LANGUAGES: Record<Language, () => Extension> = {
  json,
  yaml,
  sql,
  fql,
  text: () => [],
};

export default function Editor(props: EditorProps) {
  const {
    value,
    language,
    readOnly = false,
    rowsMin = 6,
    rowsMax = 30,
    singleLine = false,
    placeholder,
    marks,
  } = props;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const editable = useRef(new Compartment());
  const attributes = useRef(new Compartment());
  const changed = useEffectEvent((text: string) => props.onChange?.(text));
  const submitted = useEffectEvent(() => {
    props.onSubmit?.();
    return singleLine || props.onSubmit !== undefined;
  });
  const complete = useEffectEvent<CompletionSource>((context) => props.complete?.(context) ?? null);
  const first = useEffectEvent(() => value);

  useEffect(() => {
    const parent = host.current;
    if (!parent) return;
    const enter = { key: singleLine ? "Enter" : "Mod-Enter", run: submitted };
    const made = new EditorView({
      parent,
      state: EditorState.create({
        doc: first(),
        extensions: [
          singleLine
            ? oneLine
            : [lineNumbers(), lintGutter(), highlightActiveLine(), EditorView.lineWrapping],
          keymap.of([enter]),
          history(),
          drawSelection(),
          bracketMatching(),
          closeBrackets(),
          indentOnInput(),
          autocompletion({ override: [(context) => complete(context)], activateOnTyping: true }),
          keymap.of([...closeBracketsKeymap, ...completionKeymap, ...defaultKeymap, ...historyKeymap]),
          LANGUAGES[language](),
          colours,
          placeholder ? hint(placeholder) : [],
          editable.current.of([]),
          attributes.current.of([]),
          EditorView.cspNonce.of(styleNonce()),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = made;
    return () => {
      made.destroy();
      view.current = null;
    };
  }, [language, singleLine, placeholder]);

  useEffect(() => {
    const current = view.current;
    if (!current || current.state.doc.toString() === value) return;
    current.dispatch({ changes: { from: 0, to: current.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    view.current?.dispatch({
      effects: [
        editable.current.reconfigure([EditorState.readOnly.of(readOnly)]),
        attributes.current.reconfigure(
          EditorView.contentAttributes.of({
            // It takes the focus anyway, which axe does not see of what can be edited.
            tabindex: "0",
            ...(props.labelledBy
              ? { "aria-labelledby": props.labelledBy }
              : { "aria-label": props.label ?? "Code" }),
            ...(props.describedBy ? { "aria-describedby": props.describedBy } : {}),
            ...(props.hasError ? { "aria-invalid": "true" } : {}),
          }),
        ),
      ],
    });
  }, [readOnly, props.labelledBy, props.label, props.describedBy, props.hasError]);

  useEffect(() => {
    const current = view.current;
    if (current)
      current.dispatch(setDiagnostics(current.state, diagnostics(marks ?? [], current.state.doc.length)));
  }, [marks]);

  const heights = singleLine
    ? {}
    : { "--rows-min": `${rowsMin * 1.4 + 0.8}rem`, "--rows-max": `${rowsMax * 1.4 + 0.8}rem` };
  return (
    <div
      ref={host}
      className={classes.editor}
      data-single-line={singleLine || undefined}
      data-error={props.hasError || undefined}
      style={heights as React.CSSProperties}
    />
  );
}

const oneLine = EditorState.transactionFilter.of((change) => (change.newDoc.lines > 1 ? [] : change));

function diagnostics(marks: readonly Mark[], length: number): Diagnostic[] {
  return marks.map((mark) => {
    const from = Math.min(mark.from, length);
    return {
      from,
      to: Math.max(from, Math.min(mark.to, length)),
      severity: mark.severity ?? "error",
      message: mark.message,
    };
  });
}
