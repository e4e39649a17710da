import { writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Makes git refuse every push with the words of GitHub's rulesets. The hook gets the ref as its input. */
export async function refusePushes(
  folder: string,
  fullName: string,
  rules: readonly string[],
): Promise<void> {
  const text = rules.map((rule) => `- ${rule}\n`).join('');
  const hook = `#!/bin/sh
read -r before after ref
cat >&2 <<END
error: GH013: Repository rule violations found for $ref.
Review all repository rules at https://github.com/${fullName}/rules?ref=$(printf %s "$ref" | sed 's,/,%2F,g')

END
cat >&2 <<'END'
${text}END
exit 1
`;
  await writeFile(path.join(folder, 'hooks', 'pre-receive'), hook, { mode: 0o755 });
}
