// Masks that help and never fight: text with anything unexpected in it is left as typed, the server then says what is wrong.
// A separator is written only when a digit follows it, so that Backspace always works.

const group = (digits, sizes, separators) => {
  let text = "";
  let at = 0;
  sizes.forEach((size, index) => {
    const part = digits.slice(at, at + size);
    if (part) text += (index ? separators[index - 1] : "") + part;
    at += size;
  });
  return text;
};

const phone = (text) => {
  if (/[^\d\s+()\-–.]/.test(text) || /^\s*\+(?!\s*7|\s*$)/.test(text)) return text;
  let digits = text.replace(/\D/g, "");
  if (!digits) return text.trim() === "+" ? "+" : "";
  if (digits[0] === "8") digits = `7${digits.slice(1)}`;
  if (digits[0] === "9") digits = `7${digits}`;
  if (digits[0] !== "7" || digits.length > 11) return text;
  return `+7${digits.length > 1 ? " " : ""}${group(digits.slice(1), [3, 3, 2, 2], [" ", "-", "-"])}`;
};

const snils = (text) => {
  const digits = text.replace(/\D/g, "");
  if (/[^\d\s\-–]/.test(text) || digits.length > 11) return text;
  return group(digits, [3, 3, 3, 2], ["-", "-", " "]);
};

const inn = (text) => (/[^\d\s]/.test(text) ? text : text.replace(/\s/g, ""));

const date = (text) => {
  const iso = /^\s*(\d{4})-(\d{2})-(\d{2})\s*$/.exec(text);
  if (iso) return `${iso[3]}.${iso[2]}.${iso[1]}`;
  if (/[^\d\s./\-]/.test(text)) return text;
  const parts = text.trim().split(/[\s./-]+/);
  const padded = parts.map((part, index) => (index < parts.length - 1 && part.length === 1 ? `0${part}` : part));
  const digits = padded.join("");
  if (digits.length > 8) return text;
  const ended = /[./\-\s]$/.test(text) && (digits.length === 2 || digits.length === 4);
  return group(digits, [2, 2, 4], [".", "."]) + (ended ? "." : "");
};

const MASKS = { phone, snils, inn, date };
const COMPLETE = { phone: 11, snils: 11, inn: 12, date: 8 };

const digitsIn = (text) => text.replace(/\D/g, "").length;

/** Is there nothing left to type in a field of this kind? */
export const isComplete = (kind, text) => kind in COMPLETE && digitsIn(text) >= COMPLETE[kind];

/** Text as the mask writes it, and where the caret belongs: after the same digit as before. */
export const masked = (kind, text, caret) => {
  const mask = MASKS[kind];
  if (!mask) return { text, caret };
  const next = mask(text);
  if (next === text) return { text, caret };
  if (caret === null || caret >= text.length) return { text: next, caret: next.length };
  // A digit that the mask put in front (the country's 7) moves the caret too.
  const wanted = digitsIn(text.slice(0, caret)) + Math.max(0, digitsIn(next) - digitsIn(text));
  let at = 0;
  for (let seen = 0; at < next.length && seen < wanted; at += 1) if (/\d/.test(next[at])) seen += 1;
  return { text: next, caret: at };
};
