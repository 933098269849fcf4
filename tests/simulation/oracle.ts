/** What must be true when everything has calmed down: nothing lost, nothing doubled, everybody has what is theirs. */

import { createHash } from "node:crypto";

import { waits } from "./heal";
import { RESTRICTED, outOfScope } from "./scope";
import { ask } from "./server";
import type { Entry, Phone, World } from "./world";

interface Row {
  id: string;
  kind: string;
  version: number;
  status: string;
  author_id: string;
  ward_id: number;
  group_id: number | null;
  data: string;
  conflicts: string;
  problems: string;
  review: string | null;
}

interface Change {
  log_id: number;
  change_id: string;
  sha256: string;
  device: string;
  seq: number;
  person_id: string;
  record_id: string;
  body: string;
  outcome: string;
  receipt: string;
}

interface Version {
  record_id: string;
  version: number;
  what: string;
  change_log_id: number | null;
  data: string;
}

export interface Dump {
  faults: string[];
  records: Row[];
  versions: Version[];
  changes: Change[];
}

/** Look at everything and tell the world what is wrong with it. */
export function judge(world: World): Dump {
  const dump = ask<Dump>("dump");
  for (const fault of dump.faults) world.fault(`database: ${fault}`);
  const log = new Map<string, Change[]>();
  for (const change of dump.changes) log.set(change.change_id, [...(log.get(change.change_id) ?? []), change]);
  queues(world);
  saved(world, log);
  receipts(world, log);
  outcomes(world, dump);
  for (const phone of world.phones) for (const owner of phone.owners) carries(world, phone, owner, dump);
  conflicts(world, dump);
  ownOrder(world, dump);
  return dump;
}

function queues(world: World): void {
  for (const phone of world.phones)
    for (const owner of phone.owners)
      if (waits(phone, owner)) world.fault(`${phone.name}: ${waits(phone, owner)} changes of ${world.name(owner)} still wait`);
}

/** Every change that was said to be saved is in the log, once, with its bytes. */
function saved(world: World, log: Map<string, Change[]>): void {
  for (const { phone, person, entry } of world.saves) {
    if (!entry) continue;
    const found = log.get(entry.id) ?? [];
    const what = `${phone.name}: change ${entry.seq} (${entry.id.slice(0, 8)})`;
    if (found.length > 1) world.fault(`${what} is in the log ${found.length} times`);
    else if (found.length === 1 && found[0]!.sha256 !== inside(entry)) world.fault(`${what} has other bytes in the log`);
    else if (!found.length && !world.isPlantedLoss(phone, person, entry)) world.fault(`${what} was said to be saved and is lost`);
  }
}

/** What a phone was told is what stands in the log; what left the server as a receipt is there. */
function receipts(world: World, log: Map<string, Change[]>): void {
  for (const phone of world.phones)
    for (const owner of phone.owners)
      for (const entry of phone.browser.disk.all(`to-am-${owner}`, "sent")) receipt(world, phone, entry, log.get(entry.id)?.[0]);
  for (const [id, sha256] of world.receipted) {
    const found = (log.get(id) ?? []).filter((change) => !sha256 || change.sha256 === sha256);
    if (found.length !== 1 && !world.restored) world.fault(`receipted ${id.slice(0, 8)} is in the log ${found.length} times`);
  }
}

function receipt(world: World, phone: Phone, entry: Entry & { receipt: { sha256: string; outcome: string; version: number } }, logged?: Change): void {
  const what = `${phone.name}: the receipt of ${entry.seq} (${entry.id.slice(0, 8)})`;
  const told = entry.receipt;
  if (!logged) return world.fault(`${what} is for nothing in the log`);
  if (logged.sha256 !== inside(entry) || told.sha256 !== sha256(entry.sealed?.text ?? entry.body))
    world.fault(`${what} is for other bytes`);
  const kept = JSON.parse(logged.receipt) as { outcome: string; version: number };
  if (told.outcome !== "held" && (told.outcome !== kept.outcome || told.version !== kept.version))
    world.fault(`${what} says ${told.outcome} ${told.version}, the log ${kept.outcome} ${kept.version}`);
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
/** The hash of what a phone wrote, sealed or not. */
const inside = ({ body, sealed }: Entry): string => sealed?.hash ?? sha256(body);

/** Nothing is held that could be judged, and the server stumbled over nothing. */
function outcomes(world: World, { changes, records }: Dump): void {
  const versions = new Map(records.map(({ id, version }) => [id, version]));
  for (const change of changes) {
    const { base } = JSON.parse(change.body) as { base: number };
    const version = versions.get(change.record_id);
    if (change.outcome === "held" && version !== undefined && base <= version) world.fault(`change ${change.change_id.slice(0, 8)} is held for nothing`);
    if (change.outcome === "held" && !world.restored) world.fault(`change ${change.change_id.slice(0, 8)} is held`);
    if (change.receipt.includes('"our_fault"') || change.receipt.includes('"unreadable"') || change.receipt.includes('"change_id_reused"'))
      world.fault(`change ${change.change_id.slice(0, 8)}: ${change.receipt}`);
  }
}

/** Of this kind nothing but its state comes to a phone, or stays there. */
const SHUT = "violation_report";

/** A row as it was before it was closed up. */
const opened = (row: any) => JSON.parse(Buffer.from(row.box.data).toString());

/** A phone holds exactly what its person may carry, as it stands, and shows it. */
function carries(world: World, phone: Phone, owner: string, { records }: Dump): void {
  const person = Object.values(world.persons).find(({ id }) => id === owner)!;
  const here = new Map<string, any>(phone.browser.disk.all(`to-am-${owner}`, "records").map((row) => [row.id, opened(row)]));
  for (const one of records) {
    const row = one.kind === SHUT ? { ...one, data: "{}", conflicts: "[]", problems: "[]" } : one;
    const data = JSON.parse(row.data) as Record<string, unknown>;
    if (row.author_id !== owner) for (const name of RESTRICTED[row.kind] ?? []) delete data[name];
    const shown = { kind: row.kind, author: row.author_id, unit: String(row.group_id), data };
    if (row.status === "withdrawn" || outOfScope(person, shown)) continue;
    const held = here.get(row.id);
    here.delete(row.id);
    const what = `${phone.name} (${person.name}): record ${row.id.slice(0, 8)}`;
    if (!held) world.fault(`${what} is missing`);
    else differences(row, data, held).forEach((name) => world.fault(`${what} differs in ${name}`));
  }
  for (const id of here.keys()) world.fault(`${phone.name} (${person.name}): record ${id.slice(0, 8)} should not be there`);
}

function differences(row: Row, data: Record<string, unknown>, held: any): string[] {
  const mine = ({ field }: { field: string }) => field in held.data || !(RESTRICTED[row.kind] ?? []).includes(field);
  const bare = (list: any[]) => list.filter(mine).map(({ field, code, kept, other, version }) => ({ field, code, kept, other, version }));
  const pairs: [string, unknown, unknown][] = [
    ["version", row.version, held.version],
    ["status", row.status, held.status],
    ["author", row.author_id, held.author],
    ["data", data, held.data],
    ["conflicts", bare(JSON.parse(row.conflicts)), bare(held.conflicts)],
    ["problems", bare(JSON.parse(row.problems)), bare(held.problems)],
    ["review", (JSON.parse(row.review ?? "null") as any)?.at, held.review?.at],
  ];
  return pairs.filter(([, server, here]) => text(server) !== text(here)).map(([name, server, here]) => `${name}: ${text(here)} instead of ${text(server)}`);
}

/** Of two values that met, none is gone: it is or was in force, stands beside, or somebody who saw it wrote anew. */
function conflicts(world: World, { changes, records, versions }: Dump): void {
  for (const change of changes) {
    const told = JSON.parse(change.receipt) as { outcome: string; version: number };
    if (told.outcome !== "conflict" && told.outcome !== "needs_fixing") continue;
    const { set = {} } = JSON.parse(change.body) as { set?: Record<string, unknown> };
    const record = records.find(({ id }) => id === change.record_id);
    const history = versions.filter(({ record_id }) => record_id === change.record_id);
    const beside = JSON.parse(record?.conflicts ?? "[]") as { field: string; kept: unknown; other: unknown }[];
    for (const [field, value] of Object.entries(set)) {
      const was = history.some(({ data }) => same((JSON.parse(data) as Record<string, unknown>)[field], value));
      const stands = beside.some((clash) => clash.field === field && (same(clash.other, value) || same(clash.kept, value)));
      if (!was && !stands && !knownLater(changes, change, field, told.version)) world.fault(`change ${change.change_id.slice(0, 8)}: its ${field} ${text(value)} is nowhere`);
    }
  }
}

function knownLater(changes: Change[], change: Change, field: string, version: number): boolean {
  return changes.some((other) => {
    if (other.record_id !== change.record_id || other === change) return false;
    const { base, set = {} } = JSON.parse(other.body) as { base: number; set?: Record<string, unknown> };
    return field in set && (base >= version || isOwnLater(other, change));
  });
}

/** What somebody wrote is not in force any more once the same phone has written the answer anew. Marked texts only. */
function ownOrder(world: World, { changes, records }: Dump): void {
  const taken = changes.filter(({ outcome }) => outcome !== "held" && outcome !== "quarantined");
  for (const change of taken) {
    const record = records.find(({ id }) => id === change.record_id);
    const data = JSON.parse(record?.data ?? "{}") as Record<string, unknown>;
    for (const [field, value] of Object.entries((JSON.parse(change.body) as { set?: Record<string, unknown> }).set ?? {})) {
      if (typeof value !== "string" || !value.includes("№") || !same(data[field], value)) continue;
      const later = taken.find((other) => isOwnLater(other, change) && field in ((JSON.parse(other.body) as { set?: object }).set ?? {}));
      if (later) world.fault(`change ${change.change_id.slice(0, 8)}: its ${field} stands, though the same phone wrote ${later.change_id.slice(0, 8)} after it`);
    }
  }
}

const isOwnLater = (other: Change, change: Change): boolean =>
  other.record_id === change.record_id && other.device === change.device && other.person_id === change.person_id && other.seq > change.seq;

const same = (a: unknown, b: unknown): boolean => text(clean(a)) === text(clean(b));
const clean = (value: unknown): unknown => (typeof value === "string" ? value.normalize("NFC") : value);

/** A value as text, members in order, so that two can be compared. */
function text(value: unknown): string {
  return JSON.stringify(value ?? null, (_, part: unknown) =>
    part && typeof part === "object" && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}
