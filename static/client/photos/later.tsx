import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

import { t } from "../i18n";

type Part = typeof import("./part");

const part = signal<Part | null>(null);
const failed = signal(false);

/** What has to do with pictures: a chunk of its own, fetched when the first one is to be seen or taken. */
export function WithPictures({ draw }: { draw: (part: Part) => ComponentChildren }) {
  useEffect(() => {
    if (part.value) return;
    void import("./part").then((come) => (part.value = come), () => (failed.value = true));
  }, []);
  if (part.value) return <>{draw(part.value)}</>;
  return <p class="hint">{t(failed.value ? "phone.part.missing.say" : "phone.starting")}</p>;
}
