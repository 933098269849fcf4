import { useState } from "preact/hooks";

import { checkWords, t, w } from "../i18n";
import { isoDay } from "../pieces/dates";
import type { Field, FormSpec, Section, Value, Values } from "../types";
import { holds } from "./conditions";
import { normalise } from "./checks";
import { FieldBox } from "./fields";
import { foldedFields, isShown } from "./layout";
import { answer, missing } from "./working";
import { Icon } from "../pieces/icon";

/** The first warning that holds for a field; it ends by saying that saving is possible. */
function warningFor(spec: FormSpec, name: string, values: Values): string | null {
  const said = spec.fields[name]!.warn?.find((warning) => holds(warning.when, values, isoDay()));
  return said ? still(w(said.say)) : null;
}

/** What is odd about the shape of an answer; said only after the box was left, not while it is half typed. */
function shapeWarning(field: Field, value: Value): string | null {
  const problem = normalise({ fields: { one: field } }, { one: value }).problems[0];
  return problem ? still(checkWords(problem.code)) : null;
}

function still(sentence: string): string {
  return /Vẫn lưu được|still save/.test(sentence) ? sentence : t("phone.form.still", { say: sentence });
}

/** One field of the open form, with its error or warning. */
export function OpenField({ spec, name, values }: { spec: FormSpec; name: string; values: Values }) {
  const [here, setHere] = useState(false);
  const field = spec.fields[name]!;
  const value = values[name] ?? null;
  return (
    <div onFocusIn={() => setHere(true)} onFocusOut={() => setHere(false)}>
      <FieldBox
        name={name}
        field={field}
        value={value}
        error={missing.value.has(name) ? t("check.required") : null}
        warning={warningFor(spec, name, values) ?? (here ? null : shapeWarning(field, value))}
        change={(next) => answer(name, next)}
      />
    </div>
  );
}

/** A part of the open form: the questions of now, those of a longer visit folded below. */
export function FormPart({ spec, section, values }: { spec: FormSpec; section: Section; values: Values }) {
  const today = isoDay();
  const folded = foldedFields(spec, section);
  const shown = section.fields.filter((name) => isShown(spec, name, values, today));
  const later = shown.filter((name) => folded.has(name));
  const [open, setOpen] = useState(later.some((name) => values[name] != null || missing.value.has(name)));
  const draw = (name: string) => <OpenField spec={spec} name={name} values={values} key={name} />;
  return (
    <>
      {shown.filter((name) => !folded.has(name)).map(draw)}
      {later.length > 0 && (
        <details class="fold" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary>
            <Icon name="down" />
            {t("phone.form.more", { n: later.length })}
          </summary>
          {later.map(draw)}
        </details>
      )}
    </>
  );
}
