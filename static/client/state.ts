/** What the screens read and do. They touch neither the store nor the server but through here. */

import { computed, signal } from "@preact/signals";

import { shelfReady } from "./app-update";
import { lang, turnTo } from "./i18n";
import { isoDay } from "./pieces/dates";
import * as store from "./store/database";
import * as kept from "./store/drafts";
import { receipted, waiting } from "./store/outbox";
import { commit, views } from "./store/records";
import { changed, localMoment } from "./sync/changes";
import { checkDigest } from "./sync/digest";
import { Failed, Offline } from "./sync/protocol";
import { Schedule } from "./sync/schedule";
import { synchronize } from "./sync/synchronize";
import { talk } from "./sync/talk";
import type { Draft, Kit, Person, SyncState, Values, View } from "./types";

declare const BUILD: string;

export const session = signal<Person | null>(null);
export const people = signal<Person[]>([]);
export const kit = signal<Kit | null>(null);
export const records = signal<View[]>([]);
export const drafts = signal<Draft[]>([]);
export const syncState = signal<SyncState>({ phase: "idle", waiting: 0, lastReceived: null, updateReady: false });
/** False until the phone has been read: screens wait for it, and nothing else. */
export const loaded = signal(false);
/** Whether a whole pull has come in since this person signed in. */
export const pulled = signal(false);
/** The app, the forms and the lists all lie on this phone: it can be used without signal from now on. */
export const ready = computed(() => shelfReady.value && session.value !== null && kit.value !== null && pulled.value);

const tabs = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("to-am");
const schedule = new Schedule(pass, (phase) => set({ phase }));

/** Read the phone, then listen for signal. The screens can be drawn as soon as this resolves. */
export async function start(): Promise<void> {
  people.value = await store.people();
  const current = await store.phoneFact<string | null>("current");
  const person = people.value.find((one) => one.id === current) ?? null;
  const language = (await store.phoneFact<"vi" | "en">("language")) ?? "vi";
  if (language !== "vi") await turnTo(language).catch(() => undefined);
  if (person) await enter(person);
  loaded.value = true;
  tabs?.addEventListener("message", () => void reload());
  if (person) schedule.start();
}

/** Sign in, once, with signal. Throws Offline, or Failed with code bad_sign_in or slow_down. */
export async function signIn(proof: { code: string } | { phone: string; passphrase: string }): Promise<void> {
  // A place of this person on this phone; one that exists already keeps its own id and number.
  const device = crypto.randomUUID();
  const { person } = await talk<{ person: Person }>("/api/v1/sign-in", { ...proof, device, label: phoneLabel() });
  await store.remember(person);
  await store.setPhoneFact("current", person.id);
  people.value = await store.people();
  const first = !session.value;
  await enter(person);
  if ((await store.fact("device")) === undefined) await store.setFacts({ device });
  void navigator.storage?.persist?.().catch(() => false);
  if (first) schedule.start();
  else void schedule.now();
  await refreshKit();
}

/** Leave. Unsent work stays on this phone and goes up when the same person signs in again. */
export async function signOut(): Promise<void> {
  await talk("/api/v1/sign-out", {}).catch(() => undefined);
  await store.setPhoneFact("current", null);
  await leave();
}

/** Turn to somebody else who has signed in here before; their sign-in is asked for when it has ended. */
export async function switchPerson(id: string): Promise<void> {
  await talk("/api/v1/sign-out", {}).catch(() => undefined);
  const person = people.value.find((one) => one.id === id);
  if (!person) return;
  await store.setPhoneFact("current", id);
  await enter(person);
  set({ phase: "needsSignIn" });
}

async function enter(person: Person): Promise<void> {
  await store.choose(person.id);
  session.value = person;
  kit.value = (await store.fact("kit")) ?? null;
  pulled.value = (await store.fact("pulled")) ?? false;
  await reload();
}

async function leave(): Promise<void> {
  await store.choose(null);
  session.value = null;
  kit.value = null;
  records.value = [];
  drafts.value = [];
  set({ phase: "idle", waiting: 0 });
}

/** Read everything of this person again: after a save, a pass, or a change in another tab. */
async function reload(): Promise<void> {
  const person = session.value;
  if (!person) return;
  [records.value, drafts.value] = await Promise.all([views(person.id), kept.all()]);
  const lastReceived = (await store.fact("lastReceived")) ?? null;
  set({ waiting: (await waiting()).length, lastReceived });
}

async function pass(): Promise<void> {
  const person = session.value;
  if (!person) return;
  await store.device();
  const around = { app: BUILD, person: person.id, now: () => new Date() };
  await synchronize(around);
  await reload();
  if (kitDay !== isoDay()) await refreshKit().catch(() => undefined);
  if (await checkDigest(new Date())) await synchronize(around);
  pulled.value = (await store.fact("pulled")) ?? false;
  await reload();
  tabs?.postMessage("changed");
}

/** The day on which this session last asked for the forms. */
let kitDay = "";

/** Fetch the forms when they changed. */
async function refreshKit(): Promise<void> {
  const known = kit.value;
  const fresh = await talk<Kit | null>("/api/v1/kit", undefined, known ? { "If-None-Match": known.etag } : {});
  kitDay = isoDay();
  if (!fresh) return;
  await store.setFacts({ kit: fresh });
  kit.value = fresh;
}

export async function saveDraft(draft: Draft): Promise<void> {
  await kept.put(draft);
  drafts.value = await kept.all();
}

export function openDraft(id: string): Promise<Draft | undefined> {
  return kept.get(id);
}

export async function discardDraft(id: string): Promise<void> {
  await kept.remove(id);
  drafts.value = await kept.all();
}

/**
 * Save answers as a new record, or as a change of one: only what differs from `base` is sent.
 * Resolves with the record's id after it lies on the disk; throws NotSaved or what the browser throws.
 */
export async function save(kind: string, record: string | null, values: Values, base: Values, draft?: string): Promise<string> {
  const id = record ?? crypto.randomUUID();
  const known = records.value.find((one) => one.id === id);
  await put({ record: id, kind, base: known?.version ?? 0, set: changed(values, base) }, draft ?? null);
  return id;
}

/** Take back an own record that nobody has reviewed. */
export async function withdraw(id: string, reason: string): Promise<void> {
  const known = records.value.find((one) => one.id === id);
  if (known) await put({ record: id, kind: known.kind, base: known.version, delete: true, reason }, null);
}

async function put(change: Record<string, unknown>, draft: string | null): Promise<void> {
  const form = kit.value?.kinds.find((one) => one.kind === change["kind"])?.form ?? 1;
  const { record, kind, base, ...rest } = change;
  await commit({ id: crypto.randomUUID(), record, kind, form, base, at: localMoment(new Date()), ...rest }, draft);
  await reload();
  tabs?.postMessage("changed");
  void schedule.now();
}

/** Try to send and receive now. */
export function syncNow(): Promise<void> {
  return schedule.now();
}

/** The ward's receipts for a record, newest first. */
export async function receipts(record: string) {
  return (await receipted(record)).map((entry) => entry.receipt);
}

/** Everything unsent as one file's text: the last resort when the phone cannot send. */
export async function exportUnsent(): Promise<string> {
  const changes = (await waiting()).map(({ body }) => ({ body }));
  return JSON.stringify({ device: await store.fact("device"), person: session.value?.id, changes });
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
