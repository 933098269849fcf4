import { t, w } from "../i18n";
import { SignLink } from "../pieces/button";
import { showInstant } from "../pieces/dates";
import { Heading } from "../pieces/heading";
import { HideNow } from "../pieces/hide-now";
import { Icon } from "../pieces/icon";
import { Path } from "../pieces/path";
import { nameOf, specOf } from "../pieces/titles";
import type { View } from "../types";

/** After saving: where the record is now, and what comes next. It changes by itself when the ward receives it. */
export function Saved({ view }: { view: View }) {
  const spec = specOf(view.kind);
  const received = view.status === "sent" && view.received;
  return (
    <div class="phone">
      <HideNow />
      <main class="page saved">
        <span class="seal">
          <Icon name={received ? "ward" : "check"} />
        </span>
        <Heading>{t("phone.saved.title")}</Heading>
        <p role="status">{received ? t("phone.saved.received", { at: showInstant(view.received!) }) : t("phone.saved.auto")}</p>
        <p>
          <strong>{nameOf(view)}</strong>
        </p>
        <Path view={view} />
        <SignLink icon="eye" class="wide" href={`#/record/${view.id}`}>
          {t("phone.saved.open")}
        </SignLink>
        {spec && (
          <SignLink icon="plus" class="wide" href={`#/new/${view.kind}`}>
            {t("phone.saved.another", { name: w(spec.menu) })}
          </SignLink>
        )}
      </main>
      <footer class="dock">
        <a class="btn main" href="#/">
          {t("phone.saved.home")}
        </a>
      </footer>
    </div>
  );
}
