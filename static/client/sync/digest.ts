/** Once a day: does this phone hold exactly what the ward thinks it holds? */

import { setFacts, use } from "../store/database";
import { sha256 } from "../store/outbox";
import { talk } from "./talk";

/** True when the lists differ and everything has to be fetched again; the cursor is then already forgotten. */
export async function checkDigest(now: Date, person: string): Promise<boolean> {
  const today = now.toISOString().slice(0, 10);
  const [day, unsent] = await use((db) => Promise.all([db.get("facts", "digestDay"), db.count("outbox")]), person);
  // What is unsent may change the ward's versions at any moment: the comparison waits for a quiet one.
  if (day === today || unsent) return false;
  const theirs = await talk<{ count: number; digest: string }>("/api/v1/digest");
  const records = await use((db) => db.getAll("records"), person);
  const lines = records.map(({ id, version }) => `${id}:${version}\n`).sort();
  const same = (await sha256(lines.join(""))) === theirs.digest;
  await setFacts(same ? { digestDay: today } : { digestDay: today, cursor: null }, person);
  return !same;
}
