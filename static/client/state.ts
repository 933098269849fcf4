/** What the screens read and do. They touch neither the store nor the server but through here. */

import { batch, computed, signal } from "@preact/signals";

import { shelfReady } from "./app-update";
import { alarms, beforeHandOver, ended, moved, readHealth, stuck, tellTrouble } from "./health";
import { lang, turnTo } from "./i18n";
import { isoDay } from "./pieces/dates";
import { hold, isOpen } from "./lock/vault";
import type { Lock } from "./lock/wrap";
import * as store from "./store/database";
import * as kept from "./store/drafts";
import { hasMarks } from "./store/canary";
import { lying, receipted, waiting } from "./store/outbox";
import { photoRows, waits } from "./store/photos";
import { takePlace } from "./store/place";
import { commit, newestFirst, viewOf, views } from "./store/records";
import { knowForms } from "./store/write-only";
import { changed, localMoment } from "./sync/changes";
import { Failed, Offline } from "./sync/protocol";
import { Schedule } from "./sync/schedule";
import { stopTalking, talk } from "./sync/talk";
import type { PhotoRow } from "./store/database";
import type { Draft, Kit, Person, SyncState, Value, Values, View } from "./types";

declare const BUILD: string;

export const session = signal<Person | null>(null);
export const people = signal<Person[]>([]);
export const kit = signal<Kit | null>(null);
export const records = signal<View[]>([]);
export const drafts = signal<Draft[]>([]);
/** The ward was not met for too long: its copies cannot be read until it is. */
export const dark = signal(false);
/** What lies here of photos, and which of them go to the ward at this moment. */
export const photos = signal<PhotoRow[]>([]);
export const photosGo = signal(false);
/** The photos that the ward does not have yet. */
export const photosWait = computed(() => photos.value.filter(waits));
export const syncState = signal<SyncState>({ phase: "idle", waiting: 0, lastReceived: null });
/** Whose part of this phone is shut, and its lock; null where one has to be chosen, `anew` when the one before was forgotten. */
export interface Gate {
  person: Person;
  lock: Lock | null;
  anew: boolean;
  /** The ward cut this phone off: there is nothing to open before a new sign-in. */
  wiped: boolean;
}
export const gate = signal<Gate | null>(null);
/** Who forgot her code, and signs in again to choose another. */
export const forgetting = signal<string | null>(null);
/** Whose part is in use, open or shut. */
const holder = () => session.value ?? gate.value?.person ?? null;
/** False until the phone has been read: screens wait for it, and nothing else. */
export const loaded = signal(false);
/** Somebody has used this phone, but it does not remember who. */
export const forgotten = signal(false);
/** Whether a whole pull has come in since this person signed in. */
export const pulled = signal(false);
/** The app, the forms and the lists all lie on this phone: it can be used without signal from now on. */
export const ready = computed(() => shelfReady.value && session.value !== null && kit.value !== null && pulled.value);

const tabs = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("to-am");
const schedule = new Schedule(pass, (phase) => set({ phase }), () => syncState.value.waiting > 0 || photosWait.value.length > 0);

/** Read the phone, then listen for signal. The screens can be drawn as soon as this resolves. */
export async function start(): Promise<void> {
  people.value = await store.people();
  forgotten.value = !people.value.length && hasMarks();
  const current = await store.phoneFact<string | null>("current");
  const person = people.value.find((one) => one.id === current) ?? null;
  const language = (await store.phoneFact<"vi" | "en">("language")) ?? "vi";
  if (language !== "vi") await turnTo(language).catch(() => undefined);
  if (person) await approach(person);
  loaded.value = true;
  tabs?.addEventListener("message", () => void notice());
  if (person) schedule.start();
}

/** Sign in, once, with signal. Throws Offline, or Failed with code bad_sign_in or slow_down. */
export async function signIn(proof: { code: string } | { phone: string; passphrase: string }): Promise<void> {
  const expected = holder() ?? (people.value.length === 1 ? people.value[0]! : null);
  if (expected) await store.choose(expected.id);
  // A place that exists already keeps its id, so that its earlier sign-in ends with this one.
  const device = expected ? (await takePlace(expected.id, new Date())).device : crypto.randomUUID();
  const { person, lock, seal = null } = await talk<{ person: Person; lock?: string; seal?: Kit["seal"] }>("/api/v1/sign-in", { ...proof, device, label: phoneLabel() });
  await store.remember(person);
  await store.setPhoneFact("current", person.id);
  people.value = await store.people();
  await leave();
  await takeBack(person.id, lock);
  await approach(person, expected ? undefined : device, true).catch((error: unknown) => {
    tellTrouble(error);
    throw error;
  });
  forgetting.value = null;
  await store.setFacts({ keyKnown: false, seal, vouches: seal?.identity ?? null });
  void navigator.storage?.persist?.().catch(() => false);
  schedule.start();
  tabs?.postMessage("changed");
}

/** The lock that this phone gave away when it was cut off: its owner is here again. */
async function takeBack(person: string, kept: string | undefined): Promise<void> {
  await store.choose(person);
  if (!kept || !(await store.fact("wiped"))) return;
  const { unpacked } = await import("./lock/wipe");
  await store.setFacts({ lock: unpacked(kept), wiped: null }, person);
}

/** Leave. Unsent work stays on this phone and goes up when the same person signs in again. */
export async function signOut(): Promise<void> {
  await talk("/api/v1/sign-out", {}).catch(() => undefined);
  await store.setPhoneFact("current", null);
  await leave();
  tabs?.postMessage("changed");
}

/** Make way for somebody else who has signed in here before: their part opens only after their own sign-in. */
export async function switchPerson(_id: string): Promise<void> {
  await signOut();
}

const putAway = () => Promise.allSettled(beforeHandOver.map((work) => work()));

/** Another tab changed something: read it, or begin anew when it is somebody else's now. */
async function notice(): Promise<void> {
  const current = await store.phoneFact<string | null>("current");
  if ((current ?? null) !== (holder()?.id ?? null)) {
    // What is in memory only becomes a draft of whoever wrote it.
    await putAway();
    history.replaceState(null, "", "#/");
    location.reload();
  } else {
    // What a page that is shut, or the worker, got receipts for is not in the copies yet.
    if (session.value) await import("./lock/closing").then(({ settleLate }) => settleLate(session.value!.id)).catch(() => undefined);
    await reload();
  }
  if (syncState.value.phase === "needsSignIn") void schedule.now();
}

/** Turn to a person's part of this phone, which is shut. What waits there is sent without opening it. */
async function approach(person: Person, device?: string, comes = false): Promise<void> {
  await store.choose(person.id);
  await takePlace(person.id, new Date(), device);
  const [lock, forms, wiped, unsent] = await Promise.all([store.fact("lock"), store.fact("kit"), store.fact("wiped"), waiting()]);
  const anew = forgetting.value === person.id || Boolean(wiped);
  knowForms(forms?.kinds ?? []);
  batch(() => {
    kit.value = forms ?? null;
    set({ waiting: unsent.length });
    gate.value = { person, lock: anew ? null : (lock ?? null), anew, wiped: Boolean(wiped) && !comes };
  });
}

/** The keys are there: open the part that was approached. The screens see it only when all of it is read. */
export async function admit(lock: Lock): Promise<void> {
  const { person } = gate.value!;
  known = lock;
  const [whole, list, open, pictures] = await Promise.all([store.fact("pulled"), views(person.id), kept.all(), photoRows()]);
  batch(() => {
    pulled.value = whole ?? false;
    records.value = list;
    drafts.value = open;
    photos.value = pictures;
    session.value = person;
    gate.value = null;
    dark.value = !isOpen();
  });
  await reload();
  tabs?.postMessage("changed");
  void schedule.now();
  void refreshKit().catch(() => undefined);
}

/** The lock of the part that is open: it has to be there in the moment when it is shut. */
let known: Lock | null = null;

/** The code was changed. */
export const knowLock = (lock: Lock): void => void (known = lock);

/** Lock. The screen is shut at once; what was being written is put away under the key before that goes. */
export async function shut(): Promise<void> {
  const person = session.value;
  if (!person) return;
  gate.value = { person, lock: known, anew: false, wiped: false };
  if (await store.fact("wiped").catch(() => null)) gate.value = { ...gate.value, lock: null, wiped: true };
  await putAway();
  if (!gate.value) return;
  hold(null);
  batch(() => {
    session.value = null;
    records.value = [];
    drafts.value = [];
  });
}

/** Close a person's part. A pass on its way is stopped first: its answer must not land in another's part. */
async function leave(): Promise<void> {
  session.value = null;
  gate.value = null;
  kitDay = "";
  lane?.pause();
  await schedule.hush(stopTalking);
  await store.choose(null);
  batch(() => {
    kit.value = null;
    records.value = [];
    drafts.value = [];
    photos.value = [];
    alarms.value = [];
    stuck.value = [];
    ended.value = null;
    moved.value = false;
    set({ phase: "idle", waiting: 0 });
  });
}

/** Read everything of this person again: after a save, a pass, or a change in another tab. */
async function reload(): Promise<void> {
  const person = session.value;
  if (!person) return gate.value ? reloadGate() : undefined;
  const [list, open, unsent, lastReceived, health] = await Promise.all([views(person.id), kept.all(), lying(), store.fact("lastReceived"), readHealth(), readPhotos()]);
  if (session.value?.id !== person.id) return;
  batch(() => {
    alarms.value = health.alarms;
    stuck.value = health.stuck;
    ended.value = health.ended;
    moved.value = health.moved;
    dark.value = !isOpen();
    show(list, open, { waiting: unsent.entries.length + unsent.unreadable.length, lastReceived: lastReceived ?? null });
  });
}

/** Shut, it shows what waits; and another tab may have chosen the lock. */
async function reloadGate(): Promise<void> {
  const [lock, unsent] = await Promise.all([store.fact("lock"), waiting()]);
  const here = gate.value;
  if (!here) return;
  set({ waiting: unsent.length });
  if (lock && !here.anew) gate.value = { ...here, lock };
}

/** Read one record again, after a save: a long list does not make a save slow. */
async function reloadOne(id: string): Promise<void> {
  const person = session.value;
  if (!person) return;
  const [fresh, open, unsent] = await Promise.all([viewOf(id, person.id), kept.all(), waiting(), readPhotos()]);
  if (session.value?.id !== person.id) return;
  const others = records.value.filter((one) => one.id !== id);
  show((fresh ? [...others, fresh] : others).sort(newestFirst), open, { waiting: unsent.length });
}

/** Read again what lies here of photos. */
export async function readPhotos(): Promise<void> {
  const person = holder()?.id;
  const rows = await photoRows().catch(() => null);
  if (rows && holder()?.id === person) photos.value = rows;
}

function show(list: View[], open: Draft[], state: Partial<SyncState>): void {
  batch(() => {
    records.value = list;
    drafts.value = open;
    set(state);
  });
}

async function pass(): Promise<void> {
  const person = holder();
  if (!person) return;
  // Words go first: a photo on its way stops, and goes on afterwards where it stopped.
  lane?.pause();
  const { runPass } = await import("./sync/pass").catch(() => {
    throw new Offline("a part of the app did not come");
  });
  const around = { app: BUILD, person: person.id, ward: person.ward.id, now: () => new Date() };
  await runPass(around, { changed: reload, kit: todaysKit });
  pulled.value = (await store.fact("pulled")) ?? false;
  tabs?.postMessage("changed");
  void sendPhotos(person.id).catch(() => undefined);
}

/** What sends photos; it comes when the first one has to go. */
let lane: import("./photos/lane").Lane | null = null;

async function sendPhotos(person: string): Promise<void> {
  await readPhotos();
  if (!photos.value.length) return;
  const { Lane } = await import("./photos/lane");
  lane ??= new Lane(readPhotos, (goes) => (photosGo.value = goes));
  if (holder()?.id === person) lane.go(person);
}

/** The day on which this session last asked for the forms. */
let kitDay = "";

/** Ask for the forms `anew`, or if that was not done today; the ward's id. */
async function todaysKit(anew: boolean): Promise<string> {
  if (anew || kitDay !== isoDay()) await refreshKit().catch(() => undefined);
  return session.value?.ward.id ?? "";
}

/** Fetch the forms, the numbers and who this person is, when something of it changed. */
async function refreshKit(): Promise<void> {
  kitDay = isoDay();
  const known = kit.value;
  const fresh = await talk<Kit | null>("/api/v1/kit", undefined, known ? { "If-None-Match": `W/"${known.etag}"` } : {}).catch((error: unknown) => {
    kitDay = "";
    throw error;
  });
  // Somebody may have signed in from another tab meanwhile: their kit is not this person's.
  if (!fresh || fresh.person.id !== session.value?.id) return;
  const isMoved = known !== null && placesOf(known.person) !== placesOf(fresh.person);
  await store.setFacts({ kit: fresh, seal: fresh.seal ?? null, ...(isMoved && { moved: true }) }, fresh.person.id);
  moved.value ||= isMoved;
  await store.remember(fresh.person);
  session.value = fresh.person;
  kit.value = fresh;
  knowForms(fresh.kinds);
}

const placesOf = ({ ward, groups }: Person) => [ward, ...groups].map(({ id }) => id).join();

/** Its person has read that the ward gave her other groups. */
export async function readMoved(): Promise<void> {
  await store.setFacts({ moved: false });
  moved.value = false;
}

export async function saveDraft(draft: Draft): Promise<void> {
  await kept.put(draft);
  const all = await kept.all();
  if (session.value) drafts.value = all;
}

export function openDraft(id: string): Promise<Draft | undefined> {
  return kept.get(id);
}

export async function discardDraft(id: string): Promise<void> {
  await kept.remove(id);
  drafts.value = await kept.all();
}

/**
 * Save answers as a new record, or as a change of one: only what differs from `base` is sent, with the
 * `version` that the writer saw, so that what came from somebody else meanwhile is a conflict and not overwritten.
 * Resolves with the record's id after it lies on the disk; throws NotSaved or what the browser throws.
 */
export async function save(
  kind: string,
  record: string | null,
  values: Values,
  base: Values,
  draft?: string,
  version?: number,
): Promise<string> {
  // A record is called as its draft was: tried again after a failure that was none, it is the same one.
  const id = record ?? draft ?? crypto.randomUUID();
  const known = records.value.find((one) => one.id === id)?.version ?? 0;
  await put({ record: id, kind, base: version ?? known, set: changed(values, base) }, draft ?? null);
  return id;
}

/** Take back an own record that nobody has reviewed. */
export async function withdraw(id: string, reason: string): Promise<void> {
  const known = records.value.find((one) => one.id === id);
  if (known) await put({ record: id, kind: known.kind, base: known.version, delete: true, reason }, null);
}

/** Settle a conflict: one of the values that the writer has seen becomes the field's answer. */
export async function choose(view: View, field: string, value: Value): Promise<void> {
  await put({ record: view.id, kind: view.kind, base: view.version, set: { [field]: value ?? null } }, null);
}

async function put(change: Record<string, unknown>, draft: string | null): Promise<void> {
  const spec = kit.value?.kinds.find((one) => one.kind === change["kind"]);
  const { record, kind, base, ...rest } = change;
  await commit({ id: crypto.randomUUID(), record, kind, form: spec?.form ?? 1, base, at: localMoment(new Date()), ...rest }, draft, spec);
  await reloadOne(String(record));
  tabs?.postMessage("changed");
  void schedule.now();
}

/** Try to send and receive now: somebody pressed the button. */
export function syncNow(): Promise<void> {
  lane?.patience();
  return schedule.pressed();
}

/** The ward's receipts for a record, newest first. */
export async function receipts(record: string) {
  return (await receipted(record)).map((entry) => entry.receipt);
}

/** Hand everything unsent, and these drafts, out of this phone as a file, with the photos that were not `given` before; null: without. */
export async function exportUnsent(also: Draft[], given: ReadonlySet<string> | null = null) {
  return (await import("./screens/later")).giveOut(holder()!.id, BUILD, also, given);
}

export async function setLanguage(language: "vi" | "en"): Promise<void> {
  await turnTo(language);
  await store.setPhoneFact("language", language);
}

function set(part: Partial<SyncState>): void {
  syncState.value = { ...syncState.value, ...part };
}

function phoneLabel(): string {
  const agent = navigator.userAgent;
  return /iPhone|iPad/.test(agent) ? "iPhone" : (/Android[^;)]*(; [^;)]+)?/.exec(agent)?.[0] ?? "Chrome").slice(0, 60);
}

export { Failed, Offline, lang };
