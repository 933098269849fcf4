/**
 * Builds the phone's shell and the desk's style into static/dist: hashed names, .br and .gz beside each
 * file, a manifest of names, the service worker with its shelf. Fails when the shell is above its weight.
 */

import { build } from "esbuild";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const ROOT = join(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "..");
const DIST = join(ROOT, "static/dist");
const MOST = 45_000;

rmSync(DIST, { recursive: true, force: true });
mkdirSync(DIST, { recursive: true });

// Everything that decides what lies on the shelf, the page and the manifest included: a new shelf needs a new id.
const sources = ["static/client", "static/style", "static/icons", "static/build.mjs", "service_worker", "app/i18n/catalogs", "app/shell.py", "templates/app.html", "package-lock.json"];
const BUILD = digest(sources.flatMap(files).map((path) => readFileSync(path, "utf8")).join("\0")).slice(0, 12);
// The phone is told a problem's details by whoever has it; it carries the titles.
const titles = {
  name: "titles",
  setup: ({ onLoad }) => onLoad({ filter: /catalogs.problems\.\w+\.json$/ }, ({ path }) => {
    const words = Object.entries(JSON.parse(readFileSync(path, "utf8"))).filter(([key]) => !key.endsWith(".detail"));
    return { contents: JSON.stringify(Object.fromEntries(words)), loader: "json" };
  }),
};
const shared = { absWorkingDir: ROOT, bundle: true, minify: true, target: ["es2022", "chrome94", "safari15.4"], legalComments: "none" };

// The worker that draws pictures: a file of its own, whose name the app knows.
const drawn = await build({ ...shared, entryPoints: ["static/client/photos/worker.ts"], outdir: DIST, entryNames: "photo-worker-[hash]", format: "iife", metafile: true });
const PHOTO_WORKER = basename(Object.keys(drawn.metafile.outputs)[0]);
// The one that makes keys of codes; app/shell.py lets it, and nothing else, compile WebAssembly.
const stretched = await build({ ...shared, entryPoints: ["static/client/lock/worker.ts"], outdir: DIST, entryNames: "lock-worker-[hash]", format: "iife", metafile: true });
const LOCK_WORKER = basename(Object.keys(stretched.metafile.outputs)[0]);

// What the service worker sends with; it imports nothing while it runs, so all of it is in one file.
const sends = await build({ ...shared, entryPoints: ["static/client/sync/alone.ts"], outdir: DIST, entryNames: "sender-[hash]", format: "iife", globalName: "sender", metafile: true });
const SENDER = `/assets/${basename(Object.keys(sends.metafile.outputs)[0])}`;

const entries = { app: "static/client/main.tsx", "app-style": "static/style/field.css", "desk-style": "static/style/desk.css" };
if (existsSync(join(ROOT, "static/client/desk.ts"))) entries.desk = "static/client/desk.ts";
const made = await build({
  ...shared,
  entryPoints: Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, path])),
  outdir: DIST,
  entryNames: "[name]-[hash]",
  chunkNames: "part-[hash]",
  splitting: true,
  format: "esm",
  jsx: "automatic",
  jsxImportSource: "preact",
  define: { BUILD: JSON.stringify(BUILD), PHOTO_WORKER: JSON.stringify(`/assets/${PHOTO_WORKER}`), LOCK_WORKER: JSON.stringify(`/assets/${LOCK_WORKER}`) },
  metafile: true,
  plugins: [titles],
});

const names = {};
const shell = [PHOTO_WORKER, LOCK_WORKER];
for (const [path, output] of Object.entries(made.metafile.outputs)) {
  const file = basename(path);
  const entry = output.entryPoint && Object.keys(entries).find((name) => entries[name] === output.entryPoint);
  if (entry) names[{ app: "app.js", "app-style": "app.css", "desk-style": "desk.css", desk: "desk.js" }[entry]] = `/assets/${file}`;
  const isDesk = entry?.startsWith("desk") || /\/desk-[a-z]+\.ts$/.test(output.entryPoint ?? "");
  if (!isDesk) shell.push(file);
}
for (const icon of readdirSync(join(ROOT, "static/icons")).filter((name) => name.endsWith(".png"))) {
  const source = join(ROOT, "static/icons", icon);
  const file = icon.replace(".png", `-${digest(readFileSync(source)).slice(0, 8).toUpperCase()}.png`);
  cpSync(source, join(DIST, file));
  names[icon] = `/assets/${file}`;
}

// Pictures of the store listing are for the browser's install dialog, not for the phone's shelf.
const shelf = [...shell.map((file) => `/assets/${file}`), ...["icon-192.png", "icon-180.png"].map((icon) => names[icon])].filter(Boolean);
await build({
  ...shared,
  entryPoints: ["service_worker/sw.ts"],
  outfile: join(DIST, "sw.js"),
  format: "iife",
  define: { BUILD: JSON.stringify(BUILD), SHELF: JSON.stringify(shelf), SENDER: JSON.stringify(SENDER) },
});

for (const file of readdirSync(DIST).filter((name) => /\.(js|css)$/.test(name))) pack(join(DIST, file));
[...new Set(statics(basename(names["app.js"])))].forEach((file, i) => (names[`app-part-${i + 1}.js`] = `/assets/${file}`));
writeFileSync(join(DIST, "manifest.json"), JSON.stringify(names, null, 2));

const first = [names["app.js"], names["app.css"]].flatMap((path) => [basename(path), ...statics(basename(path))]);
const weight = [...new Set(first)].reduce((sum, file) => sum + readFileSync(join(DIST, `${file}.gz`)).length, 0);
const packed = [...new Set(first)].reduce((sum, file) => sum + readFileSync(join(DIST, `${file}.br`)).length, 0);
console.log(`shell: ${weight} bytes gzip, ${packed} bytes brotli (at most ${MOST}); build ${BUILD}`);
// What a phone gets: the server sends the smaller one to every browser that the app runs on.
if (packed > MOST) process.exit(1);

/** The chunks that a file needs at once; those loaded later do not count. */
function statics(file) {
  const output = Object.entries(made.metafile.outputs).find(([path]) => basename(path) === file)[1];
  return output.imports.filter((one) => one.kind === "import-statement").flatMap((one) => [basename(one.path), ...statics(basename(one.path))]);
}

function files(path) {
  const whole = join(ROOT, path);
  if (!readdirSafe(whole)) return [whole];
  return readdirSync(whole, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort((a, b) => relative(ROOT, a).localeCompare(relative(ROOT, b)));
}

function readdirSafe(path) {
  try {
    return readdirSync(path);
  } catch {
    return null;
  }
}

function digest(data) {
  return createHash("sha256").update(data).digest("hex");
}

function pack(path) {
  const data = readFileSync(path);
  writeFileSync(`${path}.gz`, gzipSync(data, { level: 9 }));
  writeFileSync(`${path}.br`, brotliCompressSync(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
}
