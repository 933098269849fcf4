import type { ComponentChildren } from "preact";

import { t, w } from "../i18n";
import { Say } from "../pieces/say";
import { isoDay } from "../pieces/dates";
import { WithPictures } from "../photos/later";
import type { Code, Field, Value } from "../types";
import { holds } from "./conditions";
import { DayInput, MomentInput } from "./dates";
import { readNumber, showNumber } from "./answers";
import { PlaceInput } from "./place";
import { RecordInput } from "./record";
import { TypedInput } from "./typed";
import { working } from "./working";

/** What every widget is given. `id` is also the field's anchor, so that a missing answer can be focused. */
export interface WidgetProps {
  id: string;
  name: string;
  field: Field;
  value: Value;
  describedBy: string | undefined;
  wrong: boolean;
  change: (value: Value) => void;
}

/** Above this many codes a list is easier to read than chips. */
const MOST_CHIPS = 7;

function Text(props: WidgetProps) {
  const { field } = props;
  const shared = {
    id: props.id,
    value: props.value == null ? "" : String(props.value),
    "aria-describedby": props.describedBy,
    "aria-invalid": props.wrong || undefined,
    autocomplete: "off",
    // Some keyboards and browsers learn what is typed, or send it away to be corrected.
    ...(field.sensitivity !== "normal" && { autocorrect: "off", spellcheck: false }),
    onInput: (event: Event) => props.change((event.target as HTMLInputElement).value || null),
  };
  if ((field.lines ?? 1) > 1) return <textarea class="in area" rows={field.lines} {...shared} />;
  if (field.widget === "phone") return <input class="in num" type="tel" {...shared} />;
  return <input class="in" autocapitalize={field.widget === "name" ? "words" : undefined} {...shared} />;
}

function NumberInput(props: WidgetProps) {
  const decimals = Boolean(props.field.decimals);
  return (
    <TypedInput
      {...props}
      mode={decimals ? "decimal" : "numeric"}
      show={showNumber}
      read={(typed) => readNumber(typed, decimals)}
    />
  );
}

function Chips(props: WidgetProps & { many: boolean }) {
  const chosen = Array.isArray(props.value) ? props.value.map(String) : props.value == null ? [] : [String(props.value)];
  const toggle = (code: string) => {
    if (!props.many) return props.change(chosen.includes(code) ? null : code);
    const next = chosen.includes(code) ? chosen.filter((other) => other !== code) : [...chosen, code];
    props.change(next.length ? next : null);
  };
  const usual = usualCodes(props.field);
  const listed = props.field.codes ?? [];
  const first = listed.find(({ code }) => usual.has(code)) ?? listed[0];
  const draw = (codes: Code[]) => (
    <div class="chips">
      {codes.map(({ code, label, hint }) => (
        <label class={hint ? "chip long" : "chip"} key={code}>
          <input
            type={props.many ? "checkbox" : "radio"}
            name={props.id}
            id={code === first?.code ? props.id : undefined}
            checked={chosen.includes(code)}
            onClick={() => toggle(code)}
          />
          <span>
            <span class="in-code">
              {w(label)}
              {hint && <small>{w(hint)}</small>}
            </span>
          </span>
        </label>
      ))}
    </div>
  );
  if (!usual.size) return draw(listed);
  return (
    <>
      <p class="hint">{t("phone.form.usual")}</p>
      {draw(listed.filter(({ code }) => usual.has(code)))}
      <p class="hint">{t("phone.form.others")}</p>
      {draw(listed.filter(({ code }) => !usual.has(code)))}
    </>
  );
}

/** The codes that usually fit the open form's answers. */
function usualCodes(field: Field): Set<string> {
  const values = working.value?.values ?? {};
  return new Set(field.suggest?.flatMap(({ when, codes }) => (holds(when, values, isoDay()) ? codes : [])));
}

function List(props: WidgetProps) {
  const hint = props.field.codes?.find((option) => option.code === props.value)?.hint;
  return (
    <>
      <select
        class="in"
        id={props.id}
        aria-describedby={props.describedBy}
        value={props.value == null ? "" : String(props.value)}
        onChange={(event) => props.change(event.currentTarget.value || null)}
      >
        <option value="">{t("phone.form.choose")}</option>
        {props.field.codes?.map(({ code, label }) => (
          <option value={code} key={code}>
            {w(label)}
          </option>
        ))}
      </select>
      {hint && <p class="hint">{w(hint)}</p>}
    </>
  );
}

function isList(field: Field): boolean {
  return field.widget === "choice" && (field.codes?.length ?? 0) > MOST_CHIPS;
}

function Widget(props: WidgetProps) {
  switch (props.field.widget) {
    case "number":
      return <NumberInput {...props} />;
    case "choice":
      return isList(props.field) ? <List {...props} /> : <Chips {...props} many={false} />;
    case "choices":
      return <Chips {...props} many />;
    case "day":
      return <DayInput {...props} />;
    case "moment":
      return <MomentInput {...props} />;
    case "place":
      return <PlaceInput {...props} />;
    case "record":
      return <RecordInput {...props} />;
    case "photos":
      return <WithPictures draw={(part) => <part.PhotosInput {...props} />} />;
    default:
      return <Text {...props} />;
  }
}

/** Widgets of several controls are a group with a legend; the others have one label. */
function isGroup(field: Field): boolean {
  return ["choices", "moment", "place", "record", "day", "photos"].includes(field.widget) || (field.widget === "choice" && !isList(field));
}

/** One question: label, hint, the control, then at most one message. */
export function FieldBox(props: {
  name: string;
  field: Field;
  value: Value;
  error: string | null;
  warning: ComponentChildren;
  change: (value: Value) => void;
}) {
  const { name, field, error, warning } = props;
  const id = `f-${name}`;
  const described = [field.hint && `${id}-h`, (error || warning) && `${id}-m`].filter(Boolean).join(" ") || undefined;
  const label = w(field.label);
  const inside = (
    <>
      {field.hint && (
        <p class="hint" id={`${id}-h`}>
          {w(field.hint)}
        </p>
      )}
      <Widget id={id} name={name} field={field} value={props.value} describedBy={described} wrong={Boolean(error)} change={props.change} />
      {error ? (
        <Say tone="bad" id={`${id}-m`}>{error}</Say>
      ) : (
        warning && <Say tone="warn" id={`${id}-m`} live>{warning}</Say>
      )}
    </>
  );
  if (!isGroup(field)) return <div class="field"><label for={id}>{label}</label>{inside}</div>;
  return (
    <fieldset class="field" id={`${id}-g`} aria-describedby={described}>
      <legend>{label}</legend>
      {inside}
    </fieldset>
  );
}
