import { t, w } from "../i18n";
import { Icon } from "../pieces/icon";
import type { Section } from "../types";

/** The parts of a form: past ones ticked, the present one named, later ones numbered. Nothing is locked. */
export function Stepper(props: { sections: Section[]; at: number; done: boolean[]; href: (step: number) => string }) {
  if (props.sections.length < 2) return null;
  return (
    <nav class="steps" aria-label={t("phone.form.parts")}>
      {props.sections.map((section, i) => {
        const name = w(section.label);
        if (i === props.at) return <a href={props.href(i)} aria-current="step" key={section.id}>{`${i + 1}. ${name}`}</a>;
        const state = t(props.done[i] ? "phone.form.part.done" : "phone.form.part.open");
        return (
          <a
            class={props.done[i] ? "past" : undefined}
            href={props.href(i)}
            aria-label={t("phone.form.part", { n: i + 1, name, state })}
            key={section.id}
          >
            {props.done[i] && <Icon name="check" size="s" />}
            {i + 1}
          </a>
        );
      })}
    </nav>
  );
}
