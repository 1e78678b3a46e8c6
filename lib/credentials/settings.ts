/**
 * How c2pa-rs is set.
 * @module
 */

/**
 * Settings of c2pa-rs: nothing is fetched from elsewhere, no small pictures of inputs are put into a
 * result, and only whom `anchors` (PEM) vouch for are trusted.
 */
export function librarySettings({ anchors }: { readonly anchors?: string } = {}): object {
  return {
    verify: { verify_trust: true, remote_manifest_fetch: false, ocsp_fetch: false },
    builder: { thumbnail: { enabled: false } },
    ...anchors === undefined ? {} : { trust: { trust_anchors: anchors } },
  };
}
