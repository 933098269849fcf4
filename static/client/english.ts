/** The English words, a chunk of their own. */

import checks from "../../app/i18n/catalogs/checks.en.json";
import later from "../../app/i18n/catalogs/phone-later.en.json";
import lock from "../../app/i18n/catalogs/phone-lock.en.json";
import en from "../../app/i18n/catalogs/phone.en.json";
import problems from "../../app/i18n/catalogs/problems.en.json";

export const words: Record<string, string> = { ...checks, ...problems, ...en, ...later, ...lock };
