/** Removes comments and trailing commas, which devcontainer.json and similar files contain. */
export function stripJsonComments(text: string): string {
  // Each alternative begins with another character, so that the time is linear.
  const withoutComments = text.replace(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (found) =>
    found.startsWith('"') ? found : ' ',
  );
  return withoutComments.replace(/"(?:[^"\\\n]|\\.)*"|,(?=\s*[}\]])/g, (found) =>
    found.startsWith('"') ? found : '',
  );
}
