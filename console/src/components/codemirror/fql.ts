/** FQL for CodeMirror: enough of its grammar to colour it. The grammar itself is the server's (`/fql/check`). */

import { LanguageSupport, StreamLanguage } from "@codemirror/language";

const WORDS = new Set(["and", "or", "true", "false", "null", "is", "not"]);
const FUNCTIONS = new Set(["contains", "match", "lowercase", "typeof", "length"]);

const language = StreamLanguage.define({
  name: "fql",
  token(stream) {
    if (stream.eatSpace()) return null;
    if (stream.match(/^"(?:\\.|[^"\\])*"?/) || stream.match(/^'(?:\\.|[^'\\])*'?/)) return "string";
    if (stream.match(/^-?\d+(?:\.\d+)?/)) return "number";
    if (stream.match(/^(!=|>=|<=|=|>|<|!)/)) return "operator";
    const word = stream.match(/^[\p{L}_$][\p{L}\p{N}_$\-.]*/u);
    if (word) {
      const name = stream.current();
      if (FUNCTIONS.has(name)) return "variableName.function";
      return WORDS.has(name.toLowerCase()) ? "keyword" : "propertyName";
    }
    stream.next();
    return null;
  },
});

export function fql(): LanguageSupport {
  return new LanguageSupport(language);
}
