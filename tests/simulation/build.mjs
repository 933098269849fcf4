/** Bundles the simulation and the phone's code for it into a folder; with a planted bug when one is named. */

import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";

import { MUTANTS } from "./mutants.mjs";

const here = import.meta.dirname ?? new URL(".", import.meta.url).pathname;
const root = join(here, "../..");
const [out, ...planted] = process.argv.slice(2);

// What the code takes from its browser; platform.ts gives it. Anything else of the world is Node's own.
const GLOBALS = [
  ...["window", "self", "globalThis", "document", "location", "navigator", "localStorage", "console", "crypto", "fetch", "Date", "Math"],
  ...["setTimeout", "clearTimeout", "requestIdleCallback", "queueMicrotask", "addEventListener", "removeEventListener"],
  ...["BroadcastChannel", "Blob", "CompressionStream", "Response", "indexedDB", "IDBCursor", "IDBDatabase", "IDBFactory"],
  ...["IDBIndex", "IDBKeyRange", "IDBObjectStore", "IDBRequest", "IDBTransaction"],
];

/** fake-indexeddb's steps become tasks of the simulated world. */
const ourTasks = {
  name: "our tasks",
  setup: (made) => made.onResolve({ filter: /scheduling\.js$/ }, () => ({ path: join(here, "scheduling.mjs") })),
};

/** The source with a bug in it. Fails when the place is no longer there. */
const bug = (name) => ({
  name: "planted bug",
  setup(made) {
    const changes = MUTANTS[name] ?? [];
    made.onLoad({ filter: /static\/client\/.*\.tsx?$/ }, ({ path }) => {
      let contents = readFileSync(path, "utf8");
      for (const { file, from, to } of changes.filter((one) => one.file === relative(root, path))) {
        if (!contents.includes(from)) throw new Error(`${name}: ${file} has no ${from}`);
        contents = contents.replace(from, to);
      }
      return { contents, loader: path.endsWith("x") ? "tsx" : "ts" };
    });
  },
});

const shared = { absWorkingDir: root, bundle: true, target: "node20", define: { BUILD: '"simulation"' }, logLevel: "error" };

await build({ ...shared, entryPoints: [join(here, "main.ts")], outfile: join(out, "main.cjs"), platform: "node", format: "cjs", plugins: [ourTasks], inject: [join(here, "clone.mjs")] });
for (const name of ["", ...planted]) {
  const made = await build({
    ...shared,
    entryPoints: [join(here, "core.ts")],
    outfile: join(out, `core${name && `-${name.replaceAll(" ", "-")}`}.js`),
    platform: "browser",
    format: "iife",
    globalName: "core",
    jsx: "automatic",
    jsxImportSource: "preact",
    banner: { js: `(function (env) { const { ${GLOBALS.join(", ")} } = env; return (() => {` },
    footer: { js: "return core; })(); })" },
    plugins: [bug(name)],
    write: true,
    metafile: true,
  });
  const inputs = Object.keys(made.metafile.inputs);
  for (const { file } of MUTANTS[name] ?? []) if (!inputs.includes(file)) throw new Error(`${name}: ${file} is not part of the phone's code`);
}
