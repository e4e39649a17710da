/*
 * Readings of a whole text as base64, base32, base58, base85 or uuencoded: what stands in the way (quotes, line
 * breaks, signs between pieces) is passed over. Each is one pass; what comes out of ordinary text is noise.
 */

const codeOf = (char: string) => char.charCodeAt(0);

function tableOf(alphabet: string, more: Record<string, number> = {}): Int16Array {
  const table = new Int16Array(256).fill(-1);
  [...alphabet].forEach((char, value) => {
    table[codeOf(char)] = value;
  });
  for (const [char, value] of Object.entries(more)) table[codeOf(char)] = value;
  return table;
}

const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const digits = '0123456789';
const lower = upper.toLowerCase();
const base64 = tableOf(`${upper}${lower}${digits}+/`, { '-': 62, _: 63 });
/** Its usual alphabet, that in the order of numbers, and Crockford's, which leaves out what looks like something else. */
const base32 = [`${lower}234567`, `${digits}${lower}`.slice(0, 32), `${digits}abcdefghjkmnpqrstvwxyz`].map(
  (alphabet) =>
    tableOf(alphabet, Object.fromEntries([...alphabet].map((char, value) => [char.toUpperCase(), value]))),
);
const base58 = tableOf('123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz');
const ascii85 = tableOf(Array.from({ length: 85 }, (_, value) => String.fromCharCode(33 + value)).join(''));
const base85 = tableOf(`${digits}${upper}${lower}!#$%&()*+-;<=>?@^_\`{|}~`);
const z85 = tableOf(`${digits}${lower}${upper}.-:+=^!/*?&<>()[]{}@%$#`);

/**
 * At each of the four alignments: where the encoded text begins is not known.
 * @param shortest words of fewer characters are passed over: in a large text they cost too much
 */
export function readBase64(bytes: Uint8Array, shortest: number): Buffer[] {
  const symbols = new Uint8Array(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; ) {
    if (base64Of(bytes, at) < 0) {
      // What fills up a piece's last group keeps the next piece aligned.
      if (bytes[at] === 0x3d && length % 4 !== 0) symbols[length++] = 0;
      at++;
      continue;
    }
    const from = at;
    let letters = 0;
    for (; base64Of(bytes, at) >= 0; at++) if (base64Of(bytes, at) < 62) letters++;
    // Signs that touch no letter are the program's own: `" + "`, `// `, `- `.
    if (letters === 0 || at - from < shortest) continue;
    for (let next = from; next < at; next++) symbols[length++] = base64Of(bytes, next);
  }
  return [0, 1, 2, 3].map((first) => {
    const decoded = Buffer.allocUnsafe(Math.max(0, Math.ceil((length - first) / 4)) * 3);
    let size = 0;
    for (let at = first; at < length; at += 4) {
      const a = symbols[at] ?? 0;
      const b = symbols[at + 1] ?? 0;
      const c = symbols[at + 2] ?? 0;
      const d = symbols[at + 3] ?? 0;
      decoded[size++] = (a << 2) | (b >> 4);
      decoded[size++] = (b << 4) | (c >> 2);
      decoded[size++] = (c << 6) | d;
    }
    return decoded;
  });
}

function base64Of(bytes: Uint8Array, at: number): number {
  return at < bytes.length ? (base64[bytes[at] as number] as number) : -1;
}

/** The values of each run of characters of an alphabet, line breaks passed over. */
function runs(bytes: Uint8Array, table: Int16Array, shortest: number, longest: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  let values = new Uint8Array(64);
  let length = 0;
  for (let at = 0; at <= bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    const value = table[byte] as number;
    if (value >= 0 && at < bytes.length) {
      if (length === values.length) {
        const larger = new Uint8Array(length * 2);
        larger.set(values);
        values = larger;
      }
      values[length++] = value;
    } else if (at === bytes.length || (byte !== 0x0a && byte !== 0x0d)) {
      if (length >= shortest && length <= longest) found.push(values.slice(0, length));
      length = 0;
    }
  }
  return found;
}

export function readBase32(bytes: Uint8Array): Buffer[] {
  return base32.map((table) => {
    const decoded = Buffer.allocUnsafe(bytes.length);
    let size = 0;
    for (const run of runs(bytes, table, 16, bytes.length)) {
      let held = 0;
      let bits = 0;
      for (const value of run) {
        held = ((held << 5) | value) & 0xfff;
        bits += 5;
        if (bits >= 8) {
          bits -= 8;
          decoded[size++] = (held >>> bits) & 0xff;
        }
      }
    }
    return decoded.subarray(0, size);
  });
}

/** Longer runs are no key, and cost the square of their length. */
const longestBase58 = 400;

export function readBase58(bytes: Uint8Array): Buffer[] {
  const all: number[] = [];
  for (const run of runs(bytes, base58, 16, longestBase58)) {
    const decoded: number[] = [];
    for (const value of run) {
      let carry = value;
      for (let at = 0; at < decoded.length; at++) {
        carry += (decoded[at] as number) * 58;
        decoded[at] = carry & 0xff;
        carry >>= 8;
      }
      for (; carry > 0; carry >>= 8) decoded.push(carry & 0xff);
    }
    all.push(...decoded.reverse());
  }
  return [Buffer.from(all)];
}

/** The three alphabets in use. What stands before the encoded text may belong to the alphabet as well: quotes, brackets. */
export function readBase85(bytes: Uint8Array): Buffer[] {
  const alphabets: [Int16Array, number[]][] = [
    [ascii85, [0, 1, 2, 3, 4]],
    [base85, [0, 1]],
    [z85, [0, 1]],
  ];
  return alphabets.flatMap(([table, starts]) => {
    const found = runs(bytes, table, 15, bytes.length);
    const size = found.reduce((sum, run) => sum + Math.ceil(run.length / 5) * 4, 0);
    return starts.map((first) => {
      const decoded = Buffer.alloc(size);
      let end = 0;
      for (const run of found)
        for (let at = first; at < run.length; at += 5, end += 4) {
          let word = 0;
          for (let next = at; next < at + 5; next++) word = word * 85 + (run[next] ?? 84);
          decoded.writeUInt32BE(word % 2 ** 32, end);
        }
      return decoded.subarray(0, end);
    });
  });
}

/** Lines that say their own length in their first character. */
export function readUuencoded(bytes: Uint8Array): Buffer[] {
  const decoded: number[] = [];
  for (const line of Buffer.from(bytes).toString('latin1').split('\n')) {
    const text = line.replace(/\r$/, '');
    const size = (text.charCodeAt(0) - 32) & 63;
    const groups = Math.ceil(size / 3);
    if (text.length < 2 || size < 3 || text.length < groups * 4 || text.length > groups * 4 + 3) continue;
    for (let at = 1, left = size; at <= groups * 4; at += 4, left -= 3) {
      const [a = 0, b = 0, c = 0, d = 0] = [0, 1, 2, 3].map((next) => (text.charCodeAt(at + next) - 32) & 63);
      decoded.push(
        ...[(a << 2) | (b >> 4), ((b << 4) | (c >> 2)) & 255, ((c << 6) | d) & 255].slice(0, left),
      );
    }
  }
  return [Buffer.from(decoded)];
}
