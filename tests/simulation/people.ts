/** What people do with their phones: fill in forms, change what they see, take back, look away, come back. */

import type { Person as Known, Values, View } from "../../static/client/types";
import type { Tab } from "./browser";
import type { Phone, World } from "./world";

type Writer = (mark: string) => Values;

const TODAY = "2026-06-03";
const NAMES = ["Ao sau nhà văn hóa", "Cống hở ngõ 12", "Hồ Bồ Đề".normalize("NFD"), "Giàn giáo Đê Vàng"];
const CHILDREN = ["Nguyễn Minh Anh", "Đặng Thị Bé", "Lê Quốc Đạt".normalize("NFD")];

const NEW: Record<string, (world: World, mark: string) => Values> = {
  hazard_site: ({ people: chance }, mark) => ({ type: "DN1", name: `${chance.pick(NAMES)} ${mark}`, risk: chance.pick(["high", "low"]), address: "ngõ 12" }),
  child: ({ people: chance }, mark) => ({ name: chance.pick(CHILDREN), note: mark, carer: "parents", circumstances_kept: [] }),
  child_visit: (_, mark) => ({ visited_on: TODAY, state: "safe", note: mark }),
  violation_report: (_, mark) => ({ state_now: `Trẻ ở nhà một mình ${mark}`, danger_now: "unknown" }),
};

const text = (field: string): Writer => (mark) => ({ [field]: `Sửa lại ${mark}` });
const code = (field: string, ...codes: string[]): Writer[] => codes.map((one) => () => ({ [field]: one }));

const EDITS: Record<string, Writer[]> = {
  hazard_site: [text("name"), text("name"), text("description"), text("address"), ...code("risk", "high", "medium", "low"), () => ({ address: null })],
  child: [text("note"), text("note"), text("school"), ...code("carer", "mother", "nobody", "grandparents")],
  child_visit: [text("note"), text("concern"), ...code("state", "safe", "concern", "danger")],
  violation_report: [text("story"), text("state_now"), ...code("danger_now", "yes", "no")],
};

/** Somebody takes the phone in the hand: opens the app when it is closed, signs in when it asks, and does something. */
export function use(world: World, phone: Phone): void {
  const page = world.people.pick(phone.browser.tabs.length ? phone.browser.tabs : [phone.browser.page()]);
  world.whenLoaded(page, () => {
    const person = page.core.state.session.value;
    if (!person || page.core.state.syncState.value.phase === "needsSignIn") signIn(world, phone, page, person?.id ?? null);
    else write(world, phone, page, person.id);
  });
}

/** Sign in with a fresh code, as the one who is asked for or the phone's first owner. */
export function signIn(world: World, phone: Phone, page: Tab, who: string | null): void {
  const person = who ?? phone.owners[0]!;
  const proof = { code: world.ward.code(person) };
  world.tell(phone, `signs in: ${world.name(person)}`);
  void page.core.state.signIn(proof).then(
    () => world.tell(phone, "signed in"),
    (error: Error) => world.tell(phone, `not signed in: ${error.message}`),
  );
}

/** One piece of work of whoever is signed in. */
function write(world: World, phone: Phone, page: Tab, person: string): void {
  const chance = world.people;
  const open = page.core.state.records.value.filter((view) => !view.withdrawn && EDITS[view.kind]);
  const own = open.filter((view) => view.mine && view.ward === "received" && !view.unsent);
  const what = chance.weighted({ add: 5, edit: open.length ? 6 : 0, late: open.length ? 2 : 0, withdraw: own.length ? 1 : 0 });
  if (what === "add") add(world, phone, page, person, open);
  else if (what === "withdraw") withdraw(world, phone, page, person, chance.pick(own));
  else edit(world, phone, page, person, chance.pick(open), what === "late" ? chance.between(100, 40_000) : 0);
}

function add(world: World, phone: Phone, page: Tab, person: string, open: View[]): void {
  const chance = world.people;
  const children = open.filter((view) => view.kind === "child");
  const kind = chance.weighted({ hazard_site: 5, child: 2, violation_report: 1, child_visit: children.length ? 4 : 0 });
  const values = NEW[kind]!(world, world.mark());
  if (kind === "child_visit") values["child"] = chance.pick(children).id;
  if (kind === "child" && chance.chance(0.5)) values["circumstances_kept"] = ["a"];
  save(world, phone, page, person, kind, null, values, {}, undefined);
}

/** Change what the screen shows; `wait` is how long the form lies open while the world goes on. */
function edit(world: World, phone: Phone, page: Tab, person: string, view: View, wait: number): void {
  const mark = world.mark();
  const part = world.people.pick(EDITS[view.kind]!)(mark);
  const values = { ...view.data, ...part };
  const { kind, id, data, version } = view;
  if (!Object.keys(page.core.changes.changed(values, data)).length) return;
  world.loop.after(wait, () => {
    const still = page.core.state.session.value as Known | null;
    if (!page.dead && still?.id === person) save(world, phone, page, person, kind, id, values, data, version);
  });
}

function save(world: World, phone: Phone, page: Tab, person: string, kind: string, id: string | null, values: Values, base: Values, version?: number): void {
  const set = page.core.changes.changed(values, base);
  world.tell(phone, `saves ${kind} ${id?.slice(0, 8) ?? "new"} ${JSON.stringify(set)}`);
  const watched = world.begins(phone, page, person);
  void page.core.state.save(kind, id, values, base, undefined, version).then(
    (record) => world.saved(watched, record, set),
    (error: Error) => world.refused(watched, error),
  );
}

function withdraw(world: World, phone: Phone, page: Tab, person: string, view: View): void {
  const reason = `nhầm ${world.mark()}`;
  world.tell(phone, `withdraws ${view.id.slice(0, 8)}`);
  const watched = world.begins(phone, page, person);
  void page.core.state.withdraw(view.id, reason).then(
    () => world.saved(watched, view.id, reason),
    (error: Error) => world.refused(watched, error),
  );
}
