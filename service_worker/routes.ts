/** Which answers come from the shelf. Pure. */

export type Route = "shell" | "shelf" | "shared" | "network";

/** Where Android hands in what somebody shared from the gallery: the one POST that never leaves the phone. */
export const SHARED = "/app/shared";

/** The shell for its own pages, the shelf for what the build put there, the network for everything else. */
export function route(method: string, mode: string, url: URL, origin: string, shelf: ReadonlySet<string>): Route {
  if (method === "POST" && mode === "navigate" && url.origin === origin && url.pathname === SHARED) return "shared";
  if (method !== "GET" || url.origin !== origin || url.pathname.startsWith("/api/")) return "network";
  if (mode === "navigate") return url.pathname === "/app/" ? "shell" : "network";
  // Built files have their content in their names: a page of the build before finds its parts on the shelf before.
  return shelf.has(url.pathname) || url.pathname.startsWith("/assets/") ? "shelf" : "network";
}
