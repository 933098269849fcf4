/** Planted bugs of the phone's code, by name: what stands in a file, and what is put in its place. */

const OUTBOX = "static/client/store/outbox.ts";
const DATABASE = "static/client/store/database.ts";
const RECORDS = "static/client/store/records.ts";
const PASS = "static/client/sync/synchronize.ts";
const PULL = "static/client/sync/pull.ts";
const PUSH = "static/client/sync/push.ts";
const REBASE = "static/client/sync/rebase.ts";
const SCHEDULE = "static/client/sync/schedule.ts";

const DROP = "await write([\"outbox\"], async (tx) => { for (const entry of parcel.batch) await tx.objectStore(\"outbox\").delete(entry.seq); }, around.person);";

export const MUTANTS = {
  "a receipt is believed by its id alone": [
    { file: OUTBOX, from: "const entry = batch.get(receipt.sha256);", to: "const entry = [...batch.values()].find(({ id }) => id === receipt.id);" },
  ],
  "an entry leaves before what the ward said is written": [
    { file: PASS, from: "  let believed: SentEntry[] = [];\n", to: `  let believed: SentEntry[] = [];\n  ${DROP}\n` },
    { file: OUTBOX, from: "if (here?.body !== entry.body) continue;", to: "if (here && here.body !== entry.body) continue;" },
  ],
  "an entry leaves when it is sent": [{ file: PASS, from: "    pass.trips += 1;\n", to: `    pass.trips += 1;\n    ${DROP}\n` }],
  "the cursor is kept before the records": [
    {
      file: PASS,
      from: "  let believed: SentEntry[] = [];\n",
      to: "  let believed: SentEntry[] = [];\n  await write([\"facts\"], (tx) => tx.objectStore(\"facts\").put(answer.cursor, \"cursor\"), around.person);\n",
    },
  ],
  "what is gone stays": [{ file: RECORDS, from: "for (const id of page.gone) await records.delete(id);", to: "" }],
  "a new epoch is not noticed": [{ file: PUSH, from: "if (parcel.epoch && parcel.epoch !== answer.epoch) await offerAgain(tx);", to: "" }],
  "a stranger's answer counts as a receipt": [
    { file: PASS, from: "if (!isAnswer(answer)) throw new Offline(\"not our answer\");", to: `if (!isAnswer(answer)) { ${DROP} return parcel.batch.length; }` },
  ],
  "the lock is not taken": [{ file: SCHEDULE, from: "await navigator.locks.request(\"sync\", work);", to: "await work();" }],
  "saved is said before it is": [
    { file: RECORDS, from: "const entry = await write([\"facts\", \"outbox\", \"drafts\"], async (tx) => {", to: "let entry!: OutboxEntry; await new Promise<void>((early) => void write([\"facts\", \"outbox\", \"drafts\"], async (tx) => {" },
    { file: RECORDS, from: "    return made;\n  });", to: "    entry = made; early();\n    return made;\n  }).catch(() => undefined));" },
    { file: RECORDS, from: "if (kept?.body !== entry.body) throw new NotSaved(\"the phone did not keep what was written\");", to: "void kept;" },
  ],
  "a save does not wait for the flash": [{ file: DATABASE, from: "{ durability: \"strict\" }", to: "{ durability: \"relaxed\" }" }],
  "a refused batch is dropped": [
    { file: PASS, from: "if (!(error instanceof Failed) || error.status !== 413 || !parcel.batch.length) throw error;", to: "if (error instanceof Failed && [409, 410, 422].includes(error.status)) return write([\"outbox\"], async (tx) => { for (const entry of parcel.batch) await tx.objectStore(\"outbox\").delete(entry.seq); }, around.person).then(() => { throw error; });\n      if (!(error instanceof Failed) || error.status !== 413 || !parcel.batch.length) throw error;" },
  ],
  "a reset empties the outbox": [
    { file: PULL, from: "  const facts = { cursor", to: "  if (answer.reset) await tx.objectStore(\"outbox\").clear();\n  const facts = { cursor" },
  ],
  "an old receipt turns the record back": [{ file: REBASE, from: " || receipt.version <= (ward?.version ?? 0)", to: "" }],
  "a replaced list keeps what is no longer there": [{ file: RECORDS, from: "if (!page.more) for (const id of unconfirmed) await records.delete(id);", to: "" }],
  "numbers are given twice": [{ file: OUTBOX, from: "await facts.put(seq, \"seq\");", to: "if (seq % 4) await facts.put(seq, \"seq\");" }],
  "what is sent is forgotten at once": [{ file: OUTBOX, from: "await tx.objectStore(\"sent\").put(sent);", to: "" }],
};
