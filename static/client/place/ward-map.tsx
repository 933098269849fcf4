import { useEffect, useRef, useState } from "preact/hooks";

import { fetchMap, forget, here, isWhole } from "../map/ward-file";
import { SignButton } from "../pieces/button";
import { Icon } from "../pieces/icon";
import { Say } from "../pieces/say";
import { showNumber } from "../forms/answers";
import { isFull } from "../store/room";
import { kit } from "../state";
import { t } from "../words";

const mega = (bytes: number) => showNumber(Math.max(Math.round(bytes / 1e5) / 10, 0.1));

/** The ward's map on this phone, and the fetching of it. */
export function useWardMap() {
  const map = kit.value?.map ?? null;
  const [isHere, setHere] = useState(false);
  const [bytes, setBytes] = useState<number | null>(null);
  const [why, setWhy] = useState<"" | "offline" | "full">("");
  const stopper = useRef<AbortController | null>(null);
  useEffect(() => {
    if (map) void isWhole(map).then(setHere, () => setHere(false));
    return () => stopper.current?.abort();
  }, [map?.file]);
  const begin = async () => {
    stopper.current = new AbortController();
    setWhy("");
    setBytes(await here(map!).catch(() => 0));
    try {
      await fetchMap(map!, setBytes, stopper.current.signal);
      setHere(true);
    } catch (error) {
      if (!stopper.current.signal.aborted) setWhy(isFull(error) ? "full" : "offline");
      // Room is for what people write: a map that does not fit takes none of it.
      if (isFull(error)) await forget().catch(() => undefined);
    }
    setBytes(null);
  };
  const stop = () => stopper.current?.abort();
  const remove = () => void forget().then(() => setHere(false));
  return { map, isHere, bytes, why, begin, stop, remove };
}

/** Asks before anything is fetched, says how much has come, and gives the room back when asked to. */
export function WardMap({ map, isHere, bytes, why, begin, stop, remove }: ReturnType<typeof useWardMap>) {
  if (!map) return <p class="hint">{t("phone.ward_map.none")}</p>;
  const size = mega(map.size);
  if (bytes !== null) {
    return (
      <section class="card">
        <p role="status">{t("phone.ward_map.coming", { here: mega(bytes), size })}</p>
        <progress class="wide" max={map.size} value={bytes} aria-label={t("phone.ward_map")} />
        <button type="button" class="btn" onClick={stop}>{t("phone.ward_map.stop")}</button>
      </section>
    );
  }
  if (isHere) {
    return (
      <details class="fold">
        <summary><Icon name="down" />{t("phone.ward_map.here", { size })}</summary>
        {map.credit && <p class="hint">{map.credit}</p>}
        <button type="button" class="btn" onClick={remove}>{t("phone.ward_map.remove")}</button>
      </details>
    );
  }
  return (
    <section class="card">
      <p class="hint">{t("phone.ward_map.say")}</p>
      <SignButton icon="down2" class="wide" onClick={() => void begin()}>{t("phone.ward_map.get", { size })}</SignButton>
      {why && <Say tone="warn" live>{t(why === "full" ? "phone.ward_map.full" : "phone.ward_map.offline")}</Say>}
    </section>
  );
}
