/** Runs seeds one after the other, as the other end of the pipe wishes. */

import { readFileSync } from "node:fs";
import { Script } from "node:vm";

import type { CoreMaker, Kept } from "./browser";
import { heal } from "./heal";
import { judge } from "./oracle";
import type { Shelf } from "./network";
import { Random } from "./random";
import { ask, hear, tell } from "./server";
import { live } from "./story";
import { MORNING, PHONES, World } from "./world";

/** The phone's code, ready to be put into any number of pages. */
function coreOf(path: string): CoreMaker {
  const made = new Script(readFileSync(path, "utf8"), { filename: path }).runInThisContext() as CoreMaker;
  return made;
}

interface Beginning {
  put: Map<string, Kept>;
  shelf: Shelf;
}

/** Everybody has signed in once and recorded something; every run begins here. */
function prologue(make: CoreMaker): Beginning {
  ask("begin", { seed: "prologue" });
  const world = new World("prologue", make);
  const put = new Map<string, Kept>();
  for (const [name] of PHONES) {
    const phone = world.add(name);
    for (const owner of phone.owners) {
      const page = phone.browser.page();
      world.wait(page.core.state.start());
      if (page.core.state.session.value) world.wait(page.core.state.signOut());
      world.wait(page.core.state.signIn({ code: world.ward.code(owner) }));
      for (const type of ["DN1", "GT1"]) world.wait(page.core.state.save("hazard_site", null, { type, name: `Ao ${world.mark()}`, address: "ngõ 3" }, {}));
      world.wait(page.core.state.save("child", null, { name: `Bé ${world.mark()}` }, {}));
      world.wait(page.core.state.syncNow());
    }
    rest(world);
    // Once more, so that the forms are known to be the latest.
    phone.browser.kill();
    phone.browser.open();
    rest(world);
    phone.browser.kill();
    put.set(name, phone.browser.keep());
  }
  ask("keep", { name: "beginning" });
  return { put, shelf: world.network.shelf };
}

function rest(world: World): void {
  const end = world.loop.now + 30_000;
  world.loop.run(() => world.loop.now > end);
}

/** Which phones are in a run: two of one group always, mostly three, sometimes four. */
function present(chance: Random): string[] {
  const others = chance.weighted({ tuan: 5, shared: 2, both: 2, none: 2 });
  return ["lan", "hoa", ...(others === "both" ? ["tuan", "shared"] : others === "none" ? [] : [others])];
}

function run(seed: string, make: CoreMaker, beginning: Beginning, bodies: boolean) {
  ask("begin", { seed });
  const world = new World(seed, make, bodies);
  // Two hours after everybody's first day began.
  world.loop.now = MORNING + 7_200_000;
  world.network.shelf = beginning.shelf.copy();
  let rounds = 0;
  try {
    for (const name of present(new Random(`${seed}/phones`))) world.add(name, beginning.put.get(name));
    live(world);
    rounds = heal(world);
    if (!world.wrong.length) judge(world);
  } catch (error) {
    world.fault(`stumbled: ${(error as Error).stack ?? error}`);
  }
  for (const { browser } of world.phones) browser.kill();
  return { seed, wrong: world.wrong, hash: world.trace.digest(), rounds, saves: world.saves.length, pushes: world.pushes, sealed: world.sealed, lines: world.trace.lines };
}

// Pages that were killed leave promises behind; in a browser nobody hears of them either.
process.on("unhandledRejection", () => undefined);

const cores = new Map<string, { make: CoreMaker; beginning: Beginning }>();

for (let line = hear(); line !== null; line = hear()) {
  const { seeds, core, told } = JSON.parse(line) as { seeds: string[]; core: string; told: "" | "lines" | "bodies" };
  if (!cores.has(core)) {
    const make = coreOf(core);
    cores.set(core, { make, beginning: prologue(make) });
  }
  const { make, beginning } = cores.get(core)!;
  const runs = seeds.map((seed) => run(seed, make, beginning, told === "bodies"));
  tell({ result: { runs: runs.map((one) => ({ ...one, lines: told || one.wrong.length ? one.lines : [] })) } });
}
