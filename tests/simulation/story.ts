/** The faulty part of a run: who does what when, and what breaks meanwhile. */

import { FAULTS } from "./faults";
import { signIn, use } from "./people";
import { ask } from "./server";
import type { Phone, World } from "./world";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Mishaps beside those of the network, each with how often it comes while it is among those of the run. */
const MISHAPS = {
  offline: 2,
  killed: 4,
  "power cut": 2,
  "another page": 2,
  "connections closed": 1,
  "disk full": 1,
  "phone's clock": 1,
  "server's clock": 1,
  restart: 1,
  backup: 1,
  restore: 2,
  revoked: 1,
  moved: 1,
  "signed out": 1,
  "next day": 1,
};
type Mishap = keyof typeof MISHAPS;

/** Let the world go its way for the number of steps that the seed gives it. */
export function live(world: World): void {
  const chance = world.people;
  world.network.faults = chance.some(FAULTS, 0.3);
  world.network.trouble = chance.pick([0, 0.15, 0.3, 0.5]);
  const mishaps = chance.some(Object.keys(MISHAPS) as Mishap[], 0.35);
  world.trace.say("world", `phones ${world.phones.map(({ name }) => name)}; network ${world.network.trouble} of ${world.network.faults}; ${mishaps}`);
  const weights = { work: 12, verdict: 2, ...Object.fromEntries(mishaps.map((name) => [name, MISHAPS[name]])) };
  let steps = chance.between(6, chance.chance(0.1) ? 40 : 16);
  const next = () => {
    if (steps-- <= 0) return;
    const what = chance.weighted<"work" | "verdict" | Mishap>(weights);
    const phone = chance.pick(world.phones);
    if (what === "work") use(world, phone);
    else if (what === "verdict") world.ward.judge();
    else strike(world, phone, what);
    world.loop.after(chance.chance(0.4) ? chance.between(0, 300) : chance.between(500, 20_000), next);
  };
  next();
  world.loop.run(() => steps < 0);
}

function strike(world: World, phone: Phone, what: Mishap): void {
  world.tell(phone, `mishap: ${what}`);
  if (what === "next day") return nextDay(world);
  if (what === "server's clock") world.network.serverWrongBy = world.people.pick([0, -HOUR, 2 * HOUR, 5 * MINUTE]);
  else if (what in SERVER) SERVER[what as keyof typeof SERVER](world);
  else PHONE[what as keyof typeof PHONE](world, phone);
}

const SERVER = {
  restart(world: World) {
    ask("restart");
    world.network.downUntil = world.loop.now + world.people.between(0, 20_000);
  },
  backup(world: World) {
    ask("keep", { name: "backup" });
    world.keepPlaces();
    world.backedUp = true;
  },
  restore(world: World) {
    // Nobody has made a backup yet? Then there is the one of the beginning.
    ask("restore", { name: world.backedUp ? "backup" : "beginning" });
    world.restorePlaces();
    world.restored = true;
  },
};

const PHONE = {
  offline(_: World, { browser }: Phone) {
    browser.online = !browser.online;
    if (browser.online) for (const tab of browser.tabs) tab.happen("window:online");
  },
  killed: (world: World, phone: Phone) => soon(world, phone, () => phone.browser.kill()),
  "power cut": (world: World, phone: Phone) => soon(world, phone, () => phone.browser.powerCut()),
  "another page"(_: World, { browser }: Phone) {
    if (browser.tabs.length < 3) browser.open();
    else browser.tabs[0]!.kill();
  },
  "connections closed": (world: World, phone: Phone) => soon(world, phone, () => phone.browser.tabs[0]?.hangUp()),
  "disk full"(_: World, { browser }: Phone) {
    browser.full = !browser.full;
  },
  "phone's clock"(world: World, { browser }: Phone) {
    browser.wrongBy = world.people.pick([0, 0, -3 * HOUR, 30 * HOUR, -20 * 365 * 24 * HOUR, 400 * 24 * HOUR]);
  },
  revoked(world: World, phone: Phone) {
    world.ward.revoke(Object.values(world.persons).find(({ id }) => id === phone.owners[0])!);
  },
  moved(world: World, phone: Phone) {
    world.ward.move(Object.values(world.persons).find(({ id }) => id === phone.owners[0])!);
  },
  "signed out"(world: World, phone: Phone) {
    const page = phone.browser.page();
    const next = world.people.pick(phone.owners);
    world.whenLoaded(page, () => void page.core.state.signOut().then(() => page.dead || signIn(world, phone, page, next), () => undefined));
  },
};

/** Between two steps of what the phone is writing: at once, in a moment, or while it takes in its next answer. */
function soon(world: World, phone: Phone, what: () => void): void {
  if (world.people.chance(0.6) && phone.browser.online) use(world, phone);
  const work = () => {
    what();
    world.tell(phone, "it is over");
  };
  const when = world.people.weighted({ now: 4, soon: 2, hearing: 4 });
  if (when === "now") world.loop.afterTasks(world.people.between(0, 60), work);
  else if (when === "soon") world.loop.after(world.people.between(0, 2_000), () => world.loop.afterTasks(world.people.between(0, 30), work));
  else phone.browser.doom = { steps: world.people.between(0, 40), work };
}

/** Everybody sleeps, phones closed; the clocks go on. */
function nextDay(world: World): void {
  for (const { browser } of world.phones) browser.kill();
  world.loop.now += world.people.between(10, 30) * HOUR;
}
