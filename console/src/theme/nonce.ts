/**
 * The nonce of this page: the Content-Security-Policy lets in only styles that carry it. Mantine asks for it, and so
 * does the library that keeps the page from scrolling behind a dialog, through webpack's old name for it.
 */
export function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";
}

declare global {
  var __webpack_nonce__: string | undefined;
}

globalThis.__webpack_nonce__ = styleNonce();
