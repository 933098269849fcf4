import { useRef, useState } from "preact/hooks";

import { showAgain } from "../hide";
import { lang } from "../i18n";
import { Icon } from "../pieces/icon";
import { t } from "../words";

const TAPS = 3;
const WITHIN = 2_000;
const MONDAY = Date.UTC(2024, 0, 1);

const named = (when: Date, shape: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(lang.value, shape).format(when);

/** The days of a month in weeks from Monday; 0 where another month has the day. */
function weeks(first: Date): number[][] {
  const before = (first.getDay() + 6) % 7;
  const many = new Date(first.getFullYear(), first.getMonth() + 1, 0).getDate();
  const rows = Math.ceil((before + many) / 7);
  return [...Array(rows).keys()].map((row) => [...Array(7).keys()].map((day) => {
    const n = row * 7 + day - before + 1;
    return n > 0 && n <= many ? n : 0;
  }));
}

/** Calls its work at the third tap in a row. */
function useTaps(work: () => void): () => void {
  const taps = useRef<number[]>([]);
  return () => {
    const now = Date.now();
    taps.current = [...taps.current.filter((at) => now - at < WITHIN), now];
    if (taps.current.length >= TAPS) work();
  };
}

/** What a hidden app shows: the month, and nothing that says whose app it is. */
export function Calendar() {
  const now = new Date();
  const [month, setMonth] = useState(0);
  const tap = useTaps(showAgain);
  const first = new Date(now.getFullYear(), now.getMonth() + month, 1);
  const turn = (by: number) => {
    const name = named(new Date(first.getFullYear(), first.getMonth() + by, 1), { month: "long", year: "numeric" });
    return (
      <button type="button" class="round" aria-label={name} onClick={() => setMonth(month + by)}>
        <Icon name={by < 0 ? "back" : "next"} />
      </button>
    );
  };
  return (
    <main class="phone page">
      <div class="row">
        {turn(-1)}
        <h1 class="grow">{named(first, { month: "long", year: "numeric" })}</h1>
        {turn(1)}
      </div>
      <table class="month" aria-label={t("phone.calendar")}>
        <thead>
          <tr>{[...Array(7).keys()].map((day) => <th scope="col" key={day}>{named(new Date(MONDAY + (day + 0.5) * 86_400_000), { weekday: "narrow" })}</th>)}</tr>
        </thead>
        <tbody>
          {weeks(first).map((week, i) => (
            <tr key={i}>
              {week.map((day, j) => (
                <td key={j}>
                  {day === now.getDate() && !month ? <button type="button" class="today" aria-current="date" onClick={tap}>{day}</button> : day || ""}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </main>
  );
}
