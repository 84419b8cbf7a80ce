/** How much a reply may say: the channel's limits (`limits` of the inbox), in UTF-16 units as `length` counts them. */

/** As much as the product takes in any channel. */
const LONGEST = 16_384;
const SHOWN_FROM = 0.8;

/** @typedef {{text: number | null, caption: number | null, buttons: number | null, splits: boolean}} Limits */

/**
 * What is written against what fits: `most` in one message there, `over` where it can't be sent at all, `parts` where it
 * goes as several messages, `shown` once it comes near to either.
 * @param {Limits | undefined} limits
 * @param {string} text
 * @param {{content_type?: string} | undefined} [file]  the first that goes along; a sound has no text under it
 */
export function roomFor(limits, text, file) {
  const used = text.trim().length;
  const captioned = file && !file.content_type?.startsWith("audio/");
  const single = (captioned ? limits?.caption : limits?.text) ?? LONGEST;
  const parts = Boolean(limits?.splits) && used > single && used <= LONGEST;
  const most = limits?.splits && used > single ? LONGEST : single;
  return { used, most, parts, over: used > most, shown: used > single * SHOWN_FROM };
}
