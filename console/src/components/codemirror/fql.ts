/** FQL for CodeMirror: enough of its grammar to colour it. The grammar itself is the server's (`/fql/check`). */

import { LanguageSupport, StreamLanguage } from "@codemirror/language";
import { FUNCTIONS } from "../FqlEditor/words";

const WORDS = new Set(["and", "or", "in", "true", "false", "null"]);
const CALLED = new Set(FUNCTIONS.map(({ name }) => name));

const language = StreamLanguage.define({
  name: "fql",
  token(stream) {
    if (stream.eatSpace()) return null;
    if (stream.match(/^"[^"]*"?/) || stream.match(/^'[^']*'?/)) return "string";
    if (stream.match(/^[+-]?\d+(?:\.\d+)?/)) return "number";
    if (stream.match(/^(!=|>=|<=|=|>|<|!)/)) return "operator";
    if (stream.match(/^(?:\\.|[a-zA-Z_])(?:\\.|[a-zA-Z0-9_.-])*/)) {
      const name = stream.current();
      if (CALLED.has(name) && stream.peek() === "(") return "variableName.function";
      return WORDS.has(name) ? "keyword" : "propertyName";
    }
    stream.next();
    return null;
  },
  languageData: { closeBrackets: { brackets: ["(", "[", '"', "'"] } },
});

export function fql(): LanguageSupport {
  return new LanguageSupport(language);
}
