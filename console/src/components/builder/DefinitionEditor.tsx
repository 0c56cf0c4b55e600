/** The form with a live preview beside it; beneath it the same as YAML, as a query and as SQL. */

import { Alert, Title } from "@mantine/core";
import { Failed } from "../states";
import { Builder } from "./Builder";
import { CodePanes } from "./CodePanes";
import type { Collection } from "./context";
import classes from "./DefinitionEditor.module.css";
import type { Draft, Section } from "./draft";
import { PreviewPane } from "./PreviewPane";

interface Props {
  draft: Draft;
  section: Section;
  collection: Collection;
  ownKey: string;
  readOnly: boolean;
  /** Members there are, of an audience that exists. */
  sizeNow?: number;
}

export function DefinitionEditor({ draft, section, collection, ownKey, readOnly, sizeNow }: Props) {
  const isWrong = draft.state === "wrong";
  // Of half a sentence in the form nobody wants to be told more than at its place.
  const formMistakes = draft.by === "tree" ? draft.mistakes : NONE;
  return (
    <>
      <div className={classes.columns}>
        <section aria-labelledby="form">
          <Title order={2} size="h5" mb="xs" id="form">
            {section === "audiences" ? "Who is in this audience" : "How the value is computed"}
          </Title>
          {draft.state === "unknown" && <Failed error={draft.error} />}
          {draft.by === "yaml" && isWrong && (
            <Alert color="yellow" mb="sm">
              The YAML has a mistake. The form shows the last valid version and updates once it is fixed.
            </Alert>
          )}
          <Builder
            tree={draft.tree}
            onChange={draft.editTree}
            collection={collection}
            ownKey={ownKey}
            mistakes={formMistakes.map(({ path, message }) => ({ path: path ?? "", message }))}
            at={section === "audiences" ? "where" : ""}
            readOnly={readOnly}
          />
        </section>
        <div className={classes.aside}>
          <PreviewPane
            section={section}
            collection={collection}
            definition={draft.definition}
            isWrong={isWrong}
            sizeNow={sizeNow}
          />
        </div>
      </div>
      <CodePanes draft={draft} readOnly={readOnly} />
    </>
  );
}

const NONE: Draft["mistakes"] = [];
