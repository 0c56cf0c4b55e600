/** Writes a gzip and a brotli copy beside every text file of the build, so that `serve` never compresses. */

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Plugin } from "vite";

const TEXT = /\.(js|css|svg|json|txt)$/;

/** Below this a packet is a packet, compressed or not. */
const SMALL_BYTES = 1_000;

export function compress(): Plugin {
  return {
    name: "headwater-compress",
    apply: "build",
    async writeBundle(options) {
      const folder = options.dir ?? "dist";
      for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name);
        if (!entry.isFile() || !TEXT.test(path)) continue;
        const content = await readFile(path);
        if (content.byteLength < SMALL_BYTES) continue;
        await writeFile(`${path}.gz`, await promisify(gzip)(content, { level: 9 }));
        await writeFile(`${path}.br`, await promisify(brotliCompress)(content, quality(11)));
      }
    },
  };
}

function quality(level: number) {
  return { params: { [constants.BROTLI_PARAM_QUALITY]: level, [constants.BROTLI_PARAM_SIZE_HINT]: 0 } };
}
