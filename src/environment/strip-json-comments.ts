/** Removes comments and trailing commas, which devcontainer.json and similar files contain. */
export function stripJsonComments(text: string): string {
  // What is not closed matches too. The search would otherwise begin anew at each quote, and take long.
  const withoutComments = text.replace(/"(?:[^"\\\n]|\\.)*"?|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g, (found) =>
    found.startsWith('"') ? found : ' ',
  );
  return withoutComments.replace(/"(?:[^"\\\n]|\\.)*"?|,(?=\s*[}\]])/g, (found) =>
    found.startsWith('"') ? found : '',
  );
}
