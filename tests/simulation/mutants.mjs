/** Planted bugs of the phone's code, by name: what stands in a file, and what is put in its place. */

const TURN = "static/client/sync/turn.ts";
const OUTBOX = "static/client/store/outbox.ts";
const RECEIPTS = "static/client/store/receipts.ts";
const DATABASE = "static/client/store/database.ts";
const RECORDS = "static/client/store/records.ts";
const REMOTE = "static/client/store/remote.ts";
const PASS = "static/client/sync/synchronize.ts";
const PULL = "static/client/sync/pull.ts";
const PUSH = "static/client/sync/push.ts";
const SETTLE = "static/client/sync/settle.ts";

const drop = (person) => `await write(["outbox"], async (tx) => { for (const entry of parcel.batch) await tx.objectStore("outbox").delete(entry.seq); }, ${person});`;
const HEARD = "    this.pass.phases.push(\"rebase\");\n";

export const MUTANTS = {
  "a receipt is believed by its id alone": [
    { file: RECEIPTS, from: "const entry = batch.get(receipt.sha256);", to: "const entry = [...batch.values()].find(({ id }) => id === receipt.id);" },
  ],
  "an entry leaves before what the ward said is written": [
    { file: PASS, from: HEARD, to: `    ${drop("person")}\n${HEARD}` },
    { file: RECEIPTS, from: "if (!here || (", to: "if (here && (" },
  ],
  "an entry leaves when it is sent": [{ file: PASS, from: "      this.pass.trips += 1;\n", to: `      this.pass.trips += 1;\n      ${drop("person")}\n` }],
  "the cursor is kept before the records": [
    { file: PASS, from: HEARD, to: `    await write(["facts"], (tx) => tx.objectStore("facts").put(answer.cursor, "cursor"), person);\n${HEARD}` },
  ],
  "what is gone stays": [{ file: REMOTE, from: "for (const id of page.gone) await records.delete(id);", to: "" }],
  "a new epoch is not noticed": [{ file: PUSH, from: "if (kept.length) await offerAgain(tx, kept);", to: "void offerAgain;" }],
  "a stranger's answer counts as a receipt": [
    { file: PASS, from: "if (!isAnswer(answer)) throw new Offline(\"not our answer\");", to: `if (!isAnswer(answer)) { ${drop("this.around.person")} return true; }` },
  ],
  "the lock is not taken": [
    { file: TURN, from: "if (!locks) return withToken(person, pass, false);", to: "return withToken(person, pass, true);" },
  ],
  "saved is said before it is": [
    { file: RECORDS, from: "  return write([\"facts\", \"outbox\", \"drafts\", \"photos\", \"files\"], async (tx) => {", to: "  return new Promise((early) => void write([\"facts\", \"outbox\", \"drafts\", \"photos\", \"files\"], async (tx) => {" },
    { file: RECORDS, from: "    return made;\n  });", to: "    early(made);\n    return made;\n  }).catch(() => undefined));" },
    { file: RECORDS, from: "if (!kept || bytesOf(kept) !== bytesOf(entry)) throw new NotSaved(\"the phone did not keep what was written\");", to: "void kept;" },
  ],
  "a save does not wait for the flash": [{ file: DATABASE, from: "{ durability: \"strict\" }", to: "{ durability: \"relaxed\" }" }],
  "a refused batch is dropped": [
    { file: PASS, from: "      if (++this.failures > MOST_FAILURES)", to: `      if ([409, 410, 422].includes(error.status)) ${drop("this.around.person")}\n      if (++this.failures > MOST_FAILURES)` },
  ],
  "a reset empties the outbox": [
    { file: PULL, from: "  const replace = answer.reset", to: "  if (answer.reset) await tx.objectStore(\"outbox\").clear();\n  const replace = answer.reset" },
  ],
  "an old receipt turns the record back": [{ file: SETTLE, from: " || receipt.version <= (ward?.version ?? 0)", to: "" }],
  "a replaced list keeps what is no longer there": [{ file: REMOTE, from: "if (!page.more) for (const id of unconfirmed) await records.delete(id);", to: "" }],
  "numbers begin again when nothing waits": [
    { file: OUTBOX, from: "const last = (await factIn(tx, \"seq\")) ?? 0;", to: "const last = Number((await tx.objectStore(\"outbox\").openKeyCursor(null, \"prev\"))?.key ?? 0);" },
  ],
  "what is sent is forgotten at once": [{ file: RECEIPTS, from: "await tx.objectStore(\"sent\").put(sent);", to: "" }],
};
