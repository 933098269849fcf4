import { type Key, t } from "../i18n";
import { ended } from "../health";
import { photosGo, photosWait, syncState } from "../state";
import { showInstant } from "./dates";
import { Icon } from "./icon";

interface Weather {
  icon: string;
  strong: string;
  rest: string;
}

/** What is on this phone, then what happens next. No signal is weather, not a fault. */
export function weather(): Weather {
  const { phase, waiting, lastReceived } = syncState.value;
  const say = (icon: string, strong: Key, rest: Key): Weather => ({
    icon,
    strong: t(strong, { n: waiting }),
    rest: t(rest, { n: waiting, at: lastReceived ? showInstant(lastReceived) : "" }),
  });
  if (phase === "needsSignIn") return say("key", ended.value ? `phone.ended.${ended.value}` : "phone.strip.signin", waiting ? "phone.strip.signin.kept" : "phone.strip.signin.none");
  if (phase === "sending") {
    return waiting ? say("send", "phone.strip.sending", "phone.strip.safe") : say("send", "phone.strip.receiving", "phone.strip.offline.ok");
  }
  if (phase === "full") return say("alert", "phone.strip.full", waiting ? "phone.strip.full.kept" : "phone.strip.full.say");
  if (waiting) {
    const icon = phase === "offline" ? "nosignal" : "phone";
    return say(icon, "phone.strip.here", phase === "trouble" ? "phone.strip.wait" : "phone.strip.auto");
  }
  if (photosWait.value.length) {
    const more = { n: photosWait.value.length };
    return { icon: photosGo.value ? "send" : "camera", strong: t(photosGo.value ? "phone.strip.photos.go" : "phone.strip.photos", more), rest: t("phone.strip.auto") };
  }
  if (phase === "offline") return say("nosignal", "phone.strip.offline", "phone.strip.offline.ok");
  return say("done", lastReceived ? "phone.strip.all" : "phone.strip.none", lastReceived ? "phone.strip.last" : "phone.strip.offline.ok");
}

/** The strip in the green band; it leads to what is waiting. */
export function Strip() {
  const { icon, strong, rest } = weather();
  return (
    <a class="strip" href="#/sync">
      <Icon name={icon} />
      <span class="grow" role="status">
        <strong class="line">{strong}</strong>
        {rest}
      </span>
      <Icon name="next" />
    </a>
  );
}
