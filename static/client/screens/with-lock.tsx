import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

type Part = typeof import("../lock/part");

/** What has to do with the lock, in the middle of another screen. It is here already: it opened this part. */
export function WithLock({ draw }: { draw: (part: Part) => ComponentChildren }) {
  const [part, setPart] = useState<Part | null>(null);
  useEffect(() => void import("../lock/part").then(setPart, () => undefined), []);
  return part && <>{draw(part)}</>;
}
