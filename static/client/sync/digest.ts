/** Once a day: does this phone hold exactly what the ward thinks it holds, and is the ward's log still the one it saw? */

import { raise } from "../store/alarms";
import { type Facts, putFacts, readAll, use, write } from "../store/database";
import { isWhole, sha256 } from "../store/outbox";
import { offerAgain } from "../store/receipts";
import { Offline } from "./protocol";
import { talk } from "./talk";

interface Digest {
  count: number;
  digest: string;
  chain?: "known" | "unknown";
}

/** True when something has to be fetched or offered again; what is needed for that is then already forgotten or laid out. */
export async function checkDigest(now: Date, person: string, ward: string): Promise<boolean> {
  const today = now.toISOString().slice(0, 10);
  const [day, kept, unsent, stuck] = await use((db) => {
    const tx = db.transaction(["facts", "outbox", "stuck"]);
    const facts = tx.objectStore("facts");
    return Promise.all([facts.get("digestDay"), facts.get("witness"), tx.objectStore("outbox").count(), tx.objectStore("stuck").count()]);
  }, person);
  // What is on its way may change the ward's versions at any moment: the comparison waits for a quiet one.
  if (day === today || unsent > stuck) return false;
  const witness = kept as Facts["witness"] | undefined;
  const seen = witness?.ward === ward ? `?seen=${encodeURIComponent(witness.seen)}` : "";
  const theirs = await talk<Digest>(`/api/v1/digest${seen}`);
  if (typeof theirs?.digest !== "string") throw new Offline("not our answer");
  const records = (await readAll("records", undefined, person)).values;
  const lines = records.map(({ id, version }) => `${id}:${version}\n`).sort();
  const same = (await sha256(lines.join(""))) === theirs.digest;
  const rewritten = seen !== "" && theirs.chain === "unknown";
  const again = rewritten ? (await readAll("sent", isWhole, person)).values : [];
  await write(["facts", "outbox", "sent"], async (tx) => {
    await putFacts(tx, same ? { digestDay: today } : { digestDay: today, cursor: null });
    if (!rewritten) return;
    await raise(tx, { kind: "chain", at: now.toISOString(), from: 0, to: 0 });
    await putFacts(tx, { witness: null });
    await offerAgain(tx, again);
  }, person);
  return !same || again.length > 0;
}
