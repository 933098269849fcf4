import { t, w } from "../i18n";
import { Icon } from "../pieces/icon";
import { kindIcon, nameOf, recordOf, specOf } from "../pieces/titles";
import type { WidgetProps } from "./fields";
import { working } from "./working";

/** Another record, chosen on a page of its own from the list that this phone carries. */
export function RecordInput(props: WidgetProps) {
  const kind = props.field.kind!;
  const chosen = typeof props.value === "string" ? props.value : null;
  const record = chosen ? recordOf(chosen) : undefined;
  const spec = specOf(kind);
  const words = chosen
    ? record ? nameOf(record) : t("phone.pick.gone")
    : t("phone.pick.choose", { name: spec ? w(spec.label).toLowerCase() : "" });
  return (
    <a
      class={chosen ? "chosen set" : "chosen"}
      id={props.id}
      href={`#/pick/${working.value?.id ?? ""}/${props.name}`}
      aria-describedby={props.describedBy}
    >
      <Icon name={kindIcon(kind)} />
      <span class="grow">
        <strong>{words}</strong>
        {chosen && <small class="line">{t("phone.pick.change")}</small>}
      </span>
      <Icon name="next" />
    </a>
  );
}
