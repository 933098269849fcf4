/** Bundles the client's tests (TypeScript, JSON words and all), runs them with Node's own runner, then sees each planted bug fail. */

import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { MUTANTS } from "./mutants.mjs";

const here = import.meta.dirname ?? new URL(".", import.meta.url).pathname;
const root = join(here, "../..");

/** Puts other words into one source file. Words that are not there once are a mistake in the list. */
const planting = ({ file, from, to }) => ({
  name: "planting",
  setup: ({ onLoad }) => onLoad({ filter: /\.tsx?$/ }, ({ path }) => {
    if (path !== join(root, file)) return null;
    const text = readFileSync(path, "utf8");
    if (text.split(from).length !== 2) throw new Error(`${file} does not have once: ${from}`);
    return { contents: text.replace(from, () => to), loader: path.endsWith("x") ? "tsx" : "ts" };
  }),
});

/** Run the tests of these names; 0 when all pass. */
async function run(names, plugins = [], stdio = "inherit") {
  const out = mkdtempSync(join(tmpdir(), "to-am-"));
  await build({
    entryPoints: names.map((name) => join(here, `${name}.test.ts`)),
    outdir: out,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    sourcemap: "inline",
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    define: { BUILD: '"test"', PHOTO_WORKER: '""', LOCK_WORKER: '""', VECTORS: JSON.stringify(join(here, "../vectors")), FIXTURES: JSON.stringify(join(here, "fixtures")) },
    loader: { ".json": "json" },
    plugins,
  });
  const done = spawnSync(process.execPath, ["--test", "--enable-source-maps", ...readdirSync(out).map((name) => join(out, name))], { stdio, timeout: 120_000 });
  rmSync(out, { recursive: true });
  return done.status ?? 1;
}

const only = process.argv.slice(2);
const all = readdirSync(here).filter((name) => name.endsWith(".test.ts")).map((name) => name.replace(".test.ts", ""));
const chosen = only.length ? only : all;
let status = await run(chosen);
for (const [name, planted] of Object.entries(MUTANTS)) {
  if (status || !chosen.includes(planted.test)) continue;
  const seen = (await run([planted.test], [planting(planted)], "ignore")) !== 0;
  console.log(`${seen ? "seen" : "NOT SEEN"}: ${name}`);
  if (!seen) process.exitCode = 1;
}
if (status) process.exit(status);
