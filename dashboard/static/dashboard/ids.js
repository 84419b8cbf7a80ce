const WORDS = 4;

/** A name for something of ours. Not `randomUUID`: a page without TLS has none. */
export const newId = () => crypto.getRandomValues(new Uint32Array(WORDS)).join("-");
