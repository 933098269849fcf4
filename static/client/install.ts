/** Putting the app on the home screen: by the browser's prompt, or by showing the way where there is none. */

import { signal } from "@preact/signals";

interface Prompt extends Event {
  prompt(): Promise<void>;
  userChoice: Promise<{ outcome: "accepted" | "dismissed" }>;
}

let prompt: Prompt | null = null;

/** prompt: one tap installs; ios: Share, then "Add to Home Screen"; none: installed, or not possible here. */
export const installWay = signal<"prompt" | "ios" | "none">("none");

/** Listen for the browser's offer. */
export function watchInstall(): void {
  if (matchMedia("(display-mode: standalone)").matches) return;
  const ios = /iPhone|iPad|iPod/.test(navigator.userAgent) && !("standalone" in navigator && navigator.standalone);
  if (ios) installWay.value = "ios";
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    prompt = event as Prompt;
    installWay.value = "prompt";
  });
  addEventListener("appinstalled", () => (installWay.value = "none"));
}

/** Show the browser's own question. */
export async function install(): Promise<void> {
  await prompt?.prompt();
  if ((await prompt?.userChoice)?.outcome === "accepted") installWay.value = "none";
}

/** The person would rather not, for now. */
export function dismissInstall(): void {
  installWay.value = "none";
}
