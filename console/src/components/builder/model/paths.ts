/** The names of a path; a dot inside a name is written `\.`. */
export function splitPath(path: string): string[] {
  const names: string[] = [];
  let name = "";
  for (const part of path.match(/\\\.|[^.\\]+|\\|\./g) ?? []) {
    if (part === ".") {
      names.push(name);
      name = "";
    } else name += part === "\\." ? "." : part;
  }
  return path === "" ? [] : [...names, name];
}
