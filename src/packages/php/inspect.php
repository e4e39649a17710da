<?php
// Prints the version, license and size of installed packages as an `InstalledPackage` (ecosystem.ts) each, by name.
// Its arguments are the names.
function folderSize(string $folder): int
{
    $files = new RecursiveIteratorIterator(new RecursiveDirectoryIterator($folder, FilesystemIterator::SKIP_DOTS));
    return array_sum(array_map(fn ($file) => $file->isLink() ? 0 : $file->getSize(), iterator_to_array($files, false)));
}

$found = [];
foreach (array_slice($argv, 1) as $name) {
    $command = 'composer show --no-plugins --no-scripts --no-interaction --format=json -- ' . escapeshellarg($name);
    $shown = json_decode((string) shell_exec("$command 2>/dev/null"), true);
    if (!isset($shown['versions'][0])) {
        continue;
    }
    $licenses = array_map(fn ($one) => is_array($one) ? $one['osi'] : $one, $shown['licenses'] ?? []);
    $found[$name] = [
        'version' => $shown['versions'][0],
        'license' => $licenses === [] ? null : implode(' OR ', $licenses),
        'bytes' => isset($shown['path']) ? folderSize($shown['path']) : null,
        // Composer runs a plugin whenever it starts. Other packages cannot run code.
        'installScripts' => $shown['type'] === 'composer-plugin' ? ['composer-plugin'] : [],
    ];
}
echo json_encode((object) $found), "\n";
