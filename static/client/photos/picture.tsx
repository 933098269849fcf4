import { useEffect, useState } from "preact/hooks";

import { Icon } from "../pieces/icon";
import { photos } from "../state";
import { seen } from "./keys";

/** Where a picture is to be had: on this phone, at the ward, or nowhere as far as this phone knows. */
interface Source {
  url: string | null;
  gone: boolean;
}

/** The address of a photo: of its bytes here, else of the ward's picture. Freed when the screen goes. */
function useSource(id: string, which: "thumb" | "whole"): Source {
  const [source, setSource] = useState<Source>({ url: null, gone: false });
  const isHere = photos.value.some((row) => row.id === id);
  useEffect(() => {
    let made: string | null = null;
    let left = false;
    setSource({ url: null, gone: false });
    void seen(id, which).catch(() => null).then((blob) => {
      if (left) return;
      if (blob) made = URL.createObjectURL(blob);
      const row = photos.value.find((one) => one.id === id);
      // A photo of this phone that the ward does not have either is nowhere.
      const theirs = row && !row.kept ? null : `/api/v1/photos/${encodeURIComponent(id)}${which === "thumb" ? "/thumb" : ""}`;
      setSource({ url: made ?? theirs, gone: !made && !theirs });
    });
    return () => {
      left = true;
      if (made) URL.revokeObjectURL(made);
    };
  }, [id, which, isHere]);
  return source;
}

/** One picture; a sign in its place while it is not to be had. */
export function Picture({ id, which, words }: { id: string; which: "thumb" | "whole"; words: string }) {
  const { url, gone } = useSource(id, which);
  const [failed, setFailed] = useState(false);
  useEffect(() => setFailed(false), [url]);
  if (url && !failed) return <img class={which} src={url} alt={words} onError={() => setFailed(true)} />;
  return <span class={`${which} none`}>{(gone || failed) && <Icon name="picture" />}</span>;
}
