/** The words of the lock's screens. */

import vi from "../../../app/i18n/catalogs/phone-lock.vi.json";
import { type Key, learn, t as say } from "../i18n";

export type LockKey = Key | keyof typeof vi;

learn(vi);

export const t = say as (key: LockKey, values?: Record<string, string | number>) => string;
