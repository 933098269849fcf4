/**
 * The one form that is open: its answers in memory, its draft in the store.
 *
 * Each change is written to the draft within a second, and at once when the page is hidden,
 * so that a killed tab or a call in between loses at most one word.
 */

import { computed, signal } from "@preact/signals";

import { beforeHandOver } from "../health";
import { discardDraft, kit, openDraft, save, saveDraft } from "../state";
import { isoDay, isoMinute } from "../pieces/dates";
import { isWriteOnly } from "../store/write-only";
import type { Draft, FormSpec, Value, Values } from "../types";
import { check, normalise } from "./checks";
import { withoutHidden } from "./layout";

const PAUSE = 600;

/** The open form; null when none is open. */
export const working = signal<Draft | null>(null);
/** When its draft was last written (ISO); null before the first change. */
export const keptAt = signal<string | null>(null);
/** The draft could not be written the last time: what was typed is in memory only. */
export const notKept = signal(false);
/** Fields that must have an answer but had none when "save" was pressed. */
export const missing = signal<Set<string>>(new Set());

/** Whether something is being written now, so that an update has to wait. */
export const isWriting = computed(() => working.value !== null);

/** A new record's answers to begin with: it happened now, unless the writer says otherwise. */
export function firstAnswers(spec: FormSpec): Values {
  const widget = spec.fields[spec.happened]?.widget;
  if (widget !== "day" && widget !== "moment") return {};
  return { [spec.happened]: widget === "day" ? isoDay() : isoMinute() };
}

/** Put an answer into a draft that waits, such as the child that was just written for a visit. */
export async function answerDraft(id: string, field: string, value: Value): Promise<void> {
  const found = await openDraft(id);
  if (found) await saveDraft({ ...found, values: { ...found.values, [field]: value }, savedAt: new Date().toISOString() });
}

/** Start a form: a new one, or one over a record's present answers. Nothing is stored until the first change. */
export function begin(kind: string, more: Partial<Draft> = {}): Draft {
  const made: Draft = { id: crypto.randomUUID(), kind, record: null, values: {}, base: {}, section: 0, savedAt: "", ...more };
  show(made, null);
  return made;
}

/** Open a kept draft, or go on with the one in memory. False when there is none. */
export async function resume(id: string): Promise<boolean> {
  if (working.value?.id === id) return true;
  const found = await openDraft(id);
  if (found) show(found, found.savedAt);
  return Boolean(found);
}

function show(draft: Draft, at: string | null): void {
  working.value = draft;
  keptAt.value = at;
  missing.value = new Set();
}

let timer: ReturnType<typeof setTimeout> | undefined;

/** Take an answer and see to it that it is kept. */
export function answer(name: string, value: Value): void {
  const now = working.value;
  if (!now) return;
  working.value = { ...now, values: { ...now.values, [name]: value } };
  if (missing.value.has(name)) missing.value = new Set([...missing.value].filter((other) => other !== name));
  clearTimeout(timer);
  timer = setTimeout(() => void keep().catch(() => undefined), PAUSE);
}

/** Take an answer that is kept together with something else: `write` puts the whole draft on the disk. Throws what it throws. */
export async function answerWith(name: string, value: Value, write: (draft: Draft) => Promise<unknown>): Promise<void> {
  const now = working.value;
  if (!now) return;
  const savedAt = new Date().toISOString();
  await write({ ...now, values: { ...now.values, [name]: value }, savedAt });
  // What was typed while that was written is not touched, and is written in its turn.
  if (working.value?.id !== now.id) return;
  answer(name, value);
  keptAt.value = savedAt;
}

const underway = new Set<Promise<unknown>>();

/** Work that will change the open form: neither its save nor leaving it goes ahead of that. */
export function awaited<T>(work: Promise<T>): Promise<T> {
  underway.add(work);
  void work.catch(() => undefined).finally(() => underway.delete(work));
  return work;
}

const settled = () => Promise.allSettled(underway);

/**
 * Write the draft now, if something changed since it was last written, or in any case when it must wait.
 * When that fails the screen says so, and the next change tries again.
 */
export async function keep(always = false): Promise<void> {
  if ((timer === undefined && !always && !notKept.value) || !working.value) return;
  clearTimeout(timer);
  timer = undefined;
  const savedAt = new Date().toISOString();
  // Whoever leaves meanwhile waits for it: what could not be written must not go out of memory.
  await awaited(saveDraft({ ...working.value, savedAt }).catch((error: unknown) => {
    notKept.value = true;
    throw error;
  }));
  notKept.value = false;
  keptAt.value = savedAt;
}

beforeHandOver.push(() => keep());

addEventListener("pagehide", () => void keep().catch(() => undefined));
document.addEventListener("visibilitychange", () => {
  if (document.hidden) void keep().catch(() => undefined);
});

/** Leave the form; its draft stays. What could not be written stays in memory, one tap away. */
export async function leave(): Promise<void> {
  const left = working.value;
  await settled();
  await keep().catch(() => undefined);
  if (notKept.value) return;
  // Another form may have been opened meanwhile: that one stays.
  if (working.value === left) working.value = null;
}

/** Throw the open form and its draft away. */
export async function discard(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  const id = working.value?.id;
  working.value = null;
  notKept.value = false;
  if (id) await discardDraft(id);
}

/** The required fields that have no answer, in the form's order. */
export function stillMissing(spec: FormSpec, values: Values): string[] {
  return check(spec, values, isoDay()).flatMap(({ field, code }) => (code === "required" && field ? [field] : []));
}

/**
 * Save the open form as a record; its id, or null when required answers are missing (of `only`, when given).
 *
 * Answers to questions that are no longer asked are taken out: an informant who refuses
 * to be named must not travel with the record because a name was typed first.
 */
export async function finish(spec: FormSpec, only?: string[]): Promise<string | null> {
  await settled();
  const now = working.value;
  if (!now) return null;
  const lacking = stillMissing(spec, now.values).filter((name) => !only || only.includes(name));
  missing.value = new Set(lacking);
  if (lacking.length) return null;
  // From here on the page may be hidden without its draft being written: it would outlive its own record.
  clearTimeout(timer);
  timer = undefined;
  try {
    // Of a record that stays shut the other answers are not here: they cannot say what is asked.
    const values = now.record && isWriteOnly(now.kind) ? normalise(spec, now.values).values : asked(spec, now.values);
    const id = await save(now.kind, now.record, values, now.base, now.id, now.version);
    working.value = null;
    notKept.value = false;
    return id;
  } catch (error) {
    await keep(true).catch(() => undefined);
    throw error;
  }
}

/** A draft without the answers to questions that its form does not ask any more. */
export function shown(draft: Draft): Draft {
  const spec = kit.value?.kinds.find((one) => one.kind === draft.kind);
  return spec ? { ...draft, values: asked(spec, draft.values) } : draft;
}

function asked(spec: FormSpec, values: Values): Values {
  return normalise(spec, withoutHidden(spec, values, isoDay())).values;
}
