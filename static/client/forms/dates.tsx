import { t } from "../i18n";
import { isoDay, isoMinute, readDay, showDay } from "../pieces/dates";
import type { Value } from "../types";
import type { WidgetProps } from "./fields";
import { TypedInput } from "./typed";

const shown = (value: Value) => (value == null ? "" : showDay(String(value)));
const text = (value: Value) => (typeof value === "string" ? value : "");

function yesterday(): string {
  const when = new Date();
  when.setDate(when.getDate() - 1);
  return isoDay(when);
}

function Quick(props: { label: string; set: boolean; choose: () => void }) {
  return (
    <button type="button" class={props.set ? "pick set" : "pick"} aria-pressed={props.set} onClick={props.choose}>
      {props.label}
    </button>
  );
}

/** A day typed as 03/06/2020; what cannot be read is kept as typed. Birthdays may be a bare year. */
export function DayInput(props: WidgetProps) {
  const year = Boolean(props.field.yearAlone);
  return (
    <div class="dates">
      <TypedInput
        {...props}
        mode="text"
        placeholder={t(year ? "phone.form.day.or_year" : "phone.form.day")}
        show={shown}
        read={(typed) => (typed.trim() ? (readDay(typed, year) ?? typed) : null)}
        label={t("phone.form.day.label")}
      />
      {!year && <Quick label={t("phone.today")} set={props.value === isoDay()} choose={() => props.change(isoDay())} />}
      {!year && <Quick label={t("phone.yesterday")} set={props.value === yesterday()} choose={() => props.change(yesterday())} />}
    </div>
  );
}

/** A day and an hour. The hour starts at noon when only a day was given, and the box shows it. */
export function MomentInput(props: WidgetProps) {
  const value = text(props.value);
  const day = value.slice(0, 10);
  const hour = value.slice(11, 16);
  return (
    <div class="dates">
      <TypedInput
        {...props}
        mode="text"
        value={day || null}
        placeholder={t("phone.form.day")}
        label={t("phone.form.day.label")}
        show={shown}
        read={(typed) => (typed.trim() ? (readDay(typed) ?? typed) : null)}
        change={(next) => props.change(next && /^\d{4}-/.test(String(next)) ? `${next}T${hour || "12:00"}` : next)}
      />
      <input
        class="in num"
        type="time"
        aria-label={t("phone.form.hour")}
        value={hour}
        onInput={(event) => props.change(`${day || isoDay()}T${event.currentTarget.value || "12:00"}`)}
      />
      <Quick label={t("phone.now")} set={false} choose={() => props.change(isoMinute())} />
    </div>
  );
}
