/** All words of the phone, for the screens that come later; those of the first screens are in i18n. */

import vi from "../../app/i18n/catalogs/phone-later.vi.json";
import problems from "../../app/i18n/catalogs/problems.vi.json";
import { type Key, learn, t as say } from "./i18n";

export type LaterKey = Key | keyof typeof vi | keyof typeof problems;

learn({ ...problems, ...vi });

/** As `t` of i18n, with the later words as well. */
export const t = say as (key: LaterKey, values?: Record<string, string | number>) => string;
