/** No more faults. Everybody opens the app and sends, until nothing moves any more. */

import type { Tab } from "./browser";
import type { Phone, World } from "./world";

export const MOST_ROUNDS = 200;
const QUIET = 300_000;

/** How many rounds it took until every queue was empty and everybody had heard everything. */
export function heal(world: World): number {
  calm(world);
  for (let round = 1; round <= MOST_ROUNDS; round++) {
    world.trace.say("world", `healing, round ${round}`);
    const before = world.pushes;
    for (const phone of world.phones) for (const owner of phone.owners) syncAs(world, phone, owner);
    if (world.pushes === before && world.phones.every((phone) => phone.owners.every((owner) => !waits(phone, owner)))) return round;
    if (world.wrong.length) return round;
  }
  world.fault(`queues are not empty after ${MOST_ROUNDS} rounds`);
  return MOST_ROUNDS;
}

/** The number of changes that wait on a phone for one of its people. */
export const waits = ({ browser }: Phone, owner: string): number => browser.disk.all(`to-am-${owner}`, "outbox").length;

/** Everything works, the clocks are right, and what is still on its way arrives. */
function calm(world: World): void {
  for (const { phone, page, over } of world.saves)
    if (!over && !page.dead && !phone.browser.full) world.fault(`${phone.name}: a save that never ends`);
  world.network.trouble = world.network.serverWrongBy = world.network.downUntil = 0;
  for (const { browser } of world.phones) {
    browser.kill();
    browser.doom = null;
    browser.online = true;
    browser.full = false;
    browser.wrongBy = 0;
  }
  const end = world.loop.now + QUIET;
  world.loop.after(QUIET, () => undefined);
  world.loop.run(() => world.loop.now >= end);
}

/** One person's turn at the phone: open the app, sign in where needed, send and receive. */
function syncAs(world: World, phone: Phone, owner: string): void {
  const page = phone.browser.page();
  world.whenLoaded(page, () => undefined);
  world.loop.run(() => page.dead || page.core.state.loaded.value || world.wrong.length > 0);
  if (world.wrong.length) return;
  const { state } = page.core;
  if (state.session.value && state.session.value.id !== owner) world.wait(state.signOut());
  if (state.session.value) settle(world, page);
  if (!state.session.value || state.syncState.value.phase === "needsSignIn") {
    const signed = state.signIn({ code: world.ward.code(owner) });
    if (!world.wait(signed)) world.fault(`${phone.name}: a sign-in that never ends`);
    settle(world, page);
  }
  const { phase } = state.syncState.value;
  if (phase !== "idle") world.tell(phone, `after a pass without faults: ${phase}`);
}

function settle(world: World, page: Tab): void {
  const { state } = page.core;
  const resting = () => state.syncState.value.phase !== "sending";
  const end = world.loop.now + 600_000;
  // A page that was just opened has begun by itself.
  if (resting()) void state.syncNow();
  world.loop.run(() => resting() || world.loop.now > end);
  if (!resting()) world.fault(`${page.browser.name}: a pass that never ends`);
}
