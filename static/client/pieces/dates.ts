/** Days and hours as people here write them: 03/06/2020 and 14:05. Never by toLocaleString, which drops zeros. */

const two = (n: number) => String(n).padStart(2, "0");

/** Today, or the day of `when`, as YYYY-MM-DD on this phone's clock. */
export function isoDay(when = new Date()): string {
  return `${when.getFullYear()}-${two(when.getMonth() + 1)}-${two(when.getDate())}`;
}

/** Now as YYYY-MM-DDTHH:MM on this phone's clock. */
export function isoMinute(when = new Date()): string {
  return `${isoDay(when)}T${two(when.getHours())}:${two(when.getMinutes())}`;
}

/** "2020-06-03" as 03/06/2020; a bare year and anything unreadable stay as they are. */
export function showDay(iso: string): string {
  const parts = /^(\d{4})-(\d{2})-(\d{2})/.exec(iso);
  return parts ? `${parts[3]}/${parts[2]}/${parts[1]}` : iso;
}

/** "2020-06-03T14:05" as 14:05, 03/06/2020. */
export function showMoment(iso: string): string {
  return iso.length >= 16 ? `${iso.slice(11, 16)}, ${showDay(iso)}` : showDay(iso);
}

/** 03/06/2020, 3.6.2020, 3-6-20 or 2020-06-03 as an ISO day; a bare year too when allowed; null when unreadable. */
export function readDay(typed: string, yearAlone = false): string | null {
  const text = typed.trim();
  if (yearAlone && /^(19|20)\d\d$/.test(text)) return text;
  const ours = /^(\d{1,2})[\s/.-](\d{1,2})[\s/.-](\d{2}|\d{4})$/.exec(text) ?? /^(\d\d)(\d\d)(\d{4})$/.exec(text);
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  const [year, month, day] = ours ? [ours[3]!, ours[2]!, ours[1]!] : iso ? [iso[1]!, iso[2]!, iso[3]!] : ["", "", ""];
  if (!year) return null;
  const full = year.length === 2 ? 2000 + Number(year) : Number(year);
  const date = new Date(full, Number(month) - 1, Number(day));
  return date.getMonth() + 1 === Number(month) && date.getDate() === Number(day) ? isoDay(date) : null;
}

/** An instant as "14:05" today, else "14:05, 03/06", with the year when it is another one. */
export function showInstant(at: string | number): string {
  const when = new Date(at);
  if (Number.isNaN(when.getTime())) return "";
  const hour = `${two(when.getHours())}:${two(when.getMinutes())}`;
  const now = new Date();
  if (isoDay(when) === isoDay(now)) return hour;
  const day = `${two(when.getDate())}/${two(when.getMonth() + 1)}`;
  return `${hour}, ${when.getFullYear() === now.getFullYear() ? day : `${day}/${when.getFullYear()}`}`;
}
