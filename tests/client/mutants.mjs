/** Planted bugs of the phone's code, by name: the test that must see it, what stands in a file, and what is put in its place. */

const PHOTOS = "static/client/store/photos.ts";
const RECORDS = "static/client/store/records.ts";
const LANE = "static/client/photos/lane.ts";
const KEYS = "static/client/photos/keys.ts";
const SHUT = "static/client/photos/shut.ts";
const SEALING = "static/client/sync/sealing.ts";
const ROOM = "static/client/store/room.ts";
const CLOSING = "static/client/lock/closing.ts";
const REMOTE = "static/client/store/remote.ts";

export const MUTANTS = {
  "a photo is put in the queue after its record, in a step of its own": {
    test: "photos",
    file: RECORDS,
    from: "const made = await enqueue(tx, await enrol(tx, change, draft, photos), ready);",
    to: "void enrol; const made = await enqueue(tx, change, ready);",
  },
  "a record names photos whose bytes are gone": { test: "photos", file: PHOTOS, from: "else lost.add(row.id);", to: "" },
  "photos of other forms go with a save": { test: "photos", file: PHOTOS, from: "} else if (row.draft === draft || (", to: "} else if (row.draft !== null || (" },
  "an unsent photo goes with a choice": { test: "photos", file: PHOTOS, from: "if (!draft || !set) return change;", to: "if (!set) return change;" },
  "a thrown away draft leaves its photos": { test: "photos", file: PHOTOS, from: "if (row.draft === draft) await forget(tx, row.id);\n}", to: "void row;\n}" },
  "a photo is let go when all its bytes went out": {
    test: "photos",
    file: LANE,
    from: "if (state !== \"kept\" || offset !== size) throw",
    to: "if (false) throw",
  },
  "a photo leaves in a file unsealed, although the ward asks for seals": { test: "packet", file: SEALING, from: "  if (!key) throw new Error(REFUSED);\n", to: "  if (!key) return null;\n" },
  "the pieces of a photo are all sealed as its first": { test: "packet", file: "static/client/photos/packet.ts", from: "sealer.piece(id, pieces.length, plain)", to: "sealer.piece(id, 0, plain)" },
  "a refused photo is let go": { test: "photos", file: LANE, from: "if (state === \"refused\") throw new Failed(\"refused\", 0);", to: "if (state === \"refused\") state = \"kept\";" },
  "another file is sent under a photo's name": { test: "photos", file: LANE, from: " || (await digest(file.whole).catch(() => \"\")) !== row.sha256", to: "" },
  "a photo that spoils stops the lane": { test: "photos", file: LANE, from: "if (!isItsOwn || stop.aborted) {", to: "if (error) {" },
  "photos do not make way": { test: "photos", file: LANE, from: "this.stop?.abort();", to: "" },
  "what has age goes, sent or not": { test: "photos", file: LANE, from: "kept !== null && kept < limit(", to: "(kept ?? \"2020\") < limit(" },
  "a restored ward is not noticed": { test: "photos", file: LANE, from: "if (!epoch || epoch === known) return;", to: "if (epoch) return;" },
  "a report's photo stays her own": { test: "shut-photos", file: KEYS, from: "...(!row.guarded && own && { own })", to: "...(own && { own })" },
  "a photo goes open where no key is to be trusted": { test: "shut-photos", file: KEYS, from: "return row.shut.sealed ? { whole, sealed: row.shut.sealed, open: false } : null;", to: "if (row.shut.sealed) return { whole, sealed: row.shut.sealed, open: false };" },
  "what began open goes on shut": { test: "shut-photos", file: LANE, from: "await change(row.id, person, { open: true });", to: "void change;" },
  "a photo that was taken out comes back shut": { test: "shut-photos", file: KEYS, from: "if (!same || Boolean(here.shut) !== Boolean(was.shut)) return;", to: "void same;" },
  "what has begun to go up is shut in between": { test: "shut-photos", file: KEYS, from: "mayWait ? row.offset > 0 || row.tries > 0 : row.guarded && row.kept !== null", to: "row.guarded && row.kept !== null" },
  "photos lie as they were taken": { test: "shut-photos", file: SHUT, from: "await crypto.subtle.encrypt({ name: AES, iv: nonce(n, (n + 1) * PIECE >= file.size, isThumb) }, aes, piece)", to: "piece" },
  "any piece may be the last": { test: "shut-photos", file: SHUT, from: "iv[7] = Number(isLast) + (isThumb ? 2 : 0);", to: "void isLast; iv[7] = isThumb ? 2 : 0;" },
  "any identity may vouch for a key": { test: "sealing", file: SEALING, from: "pinned !== told.identity || ", to: "" },
  "a key needs no signature": { test: "sealing", file: SEALING, from: "!(await isVouchedFor(told).catch(() => false))", to: "!told.list" },
  "a finished report can be read": { test: "sealing", file: SEALING, from: "isWriteOnly(String(kind)) ? ", to: "isWriteOnly(String(seq)) ? " },
  "what could not be sealed goes open": { test: "sealing", file: "static/client/sync/shut.ts", from: "entry.sealed ? entry : null", to: "entry" },
  "a change is sealed under the number of another": {
    test: "sealing",
    file: "static/client/store/outbox.ts",
    from: "if (ready && ready.of !== body)",
    to: "if (ready?.of === \"\")",
  },
  "a full phone gives up what waits": { test: "photos", file: ROOM, from: "if (row.kept) await", to: "await" },
  "a finished report is read from what waits": { test: "write-only", file: RECORDS, from: "return made && bare(made);", to: "return made;" },
  "a list of records shows finished reports": { test: "write-only", file: RECORDS, from: ".map(bare).sort(newestFirst)", to: ".sort(newestFirst)" },
  "a pulled report is kept as it came": { test: "write-only", file: REMOTE, from: "await rows(records.map(bare))", to: "await rows(records)" },
  "a receipted report is kept as it was written": { test: "write-only", file: REMOTE, from: "made.set(next.id, bare(next))", to: "made.set(next.id, next)" },
  "the ward's words about a report are kept": { test: "write-only", file: "static/client/store/write-only.ts", from: '[field, ""]', to: "[field, review!.pins[field]]" },
  "a box opens wherever it is put": { test: "lock", file: "static/client/lock/vault.ts", from: "additionalData: bytes(name)", to: "additionalData: bytes(name && \"\")" },
  "what was heard while shut is forgotten": { test: "lock", file: REMOTE, from: "if (rows?.count !== believed.length) for", to: "if (rows?.count === -1) for" },
  "a shut phone lets the cursor go on": { test: "lock", file: "static/client/sync/pull.ts", from: "if (!rows) await putFacts(tx, { epoch,", to: "if (!rows) await putFacts(tx, { cursor, epoch," },
  "a phone that was cut off opens for a finger": { test: "reading", file: "static/client/lock/wipe.ts", from: "({ prf: _, ...rest }: Lock): Lock => rest", to: "(lock: Lock): Lock => lock" },
  "what a finger opens goes to the ward": { test: "reading", file: "static/client/lock/wipe.ts", from: "{ salt, iv, key, prf: _, ...rest }: Lock", to: "{ salt, iv, key, ...rest }: Lock" },
  "a second lock takes the place of the first": { test: "lock", file: CLOSING, from: "if (!anew && (await", to: "if (anew && (await" },
  "a forgotten code leaves noise": { test: "lock", file: CLOSING, from: "if (anew) await letGo(tx, lost);", to: "void letGo, lost;" },
  "a forgotten code costs what waits": {
    test: "lock",
    file: CLOSING,
    from: '"facts", "records", "drafts", "photos", "files", "outbox", "sent"], async (tx) => {',
    to: '"facts", "records", "drafts", "photos", "files", "outbox", "sent"], async (tx) => {\n    if (anew) await tx.objectStore("outbox").clear();',
  },
  "drafts stay in the clear": { test: "lock", file: CLOSING, from: "for (const row of draftRows) await", to: "for (const row of draftRows.slice(9)) await" },
  "the clock put back ends a wait": { test: "lock", file: "static/client/lock/delays.ts", from: "at + wait - now", to: "wait - Math.abs(now - at)" },
};
