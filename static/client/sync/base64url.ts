/** Bytes as text without padding, as keys, signatures and seals travel. Pure. */

export function base64url(bytes: ArrayBuffer | Uint8Array): string {
  let text = "";
  // In pieces: a long one as arguments is more than a call takes.
  const all = new Uint8Array(bytes);
  for (let at = 0; at < all.length; at += 8192) text += String.fromCharCode(...all.subarray(at, at + 8192));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

export function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}
