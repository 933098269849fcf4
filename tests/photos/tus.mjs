/** tus-js-client, as a stranger would use it: node tus.mjs ADDRESS COOKIE FILE METADATA PIECE STOP. Prints how it went. */

import { readFileSync } from "node:fs";

import { Upload } from "tus-js-client";

const [address, cookie, file, metadata, piece, stop] = process.argv.slice(2);
const bytes = readFileSync(file);
const seen = [];

/** One upload; it is broken off once so many bytes are there, and `url` goes on with one that was. */
const send = (stopAt, url) => new Promise((resolve, reject) => {
  const upload = new Upload(bytes, {
    endpoint: `${address}/api/v1/uploads`,
    ...(url && { uploadUrl: url }),
    headers: { Cookie: cookie, "Sec-Fetch-Site": "same-origin" },
    metadata: JSON.parse(metadata),
    chunkSize: Number(piece),
    retryDelays: null,
    onChunkComplete: (_, there) => {
      seen.push(there);
      if (stopAt && there >= stopAt) void upload.abort().then(() => resolve(upload.url), reject);
    },
    onSuccess: ({ lastResponse }) => resolve(lastResponse.getHeader("Photo-State")),
    onError: reject,
  });
  upload.start();
});

const url = Number(stop) ? await send(Number(stop), null) : null;
const state = await send(0, url);
console.log(JSON.stringify({ state, url, seen }));
