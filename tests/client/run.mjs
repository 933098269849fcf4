/** Bundles the client's tests (TypeScript, JSON words and all) and runs them with Node's own runner. */

import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const here = import.meta.dirname ?? new URL(".", import.meta.url).pathname;
const out = mkdtempSync(join(tmpdir(), "to-am-"));
const tests = readdirSync(here).filter((name) => name.endsWith(".test.ts")).map((name) => join(here, name));
await build({
  entryPoints: tests,
  outdir: out,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  sourcemap: "inline",
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  define: { BUILD: '"test"', VECTORS: JSON.stringify(join(here, "../vectors")), FIXTURES: JSON.stringify(join(here, "fixtures")) },
  loader: { ".json": "json" },
});
const run = spawnSync(process.execPath, ["--test", "--enable-source-maps", ...readdirSync(out).map((name) => join(out, name))], { stdio: "inherit" });
rmSync(out, { recursive: true });
process.exit(run.status ?? 1);
