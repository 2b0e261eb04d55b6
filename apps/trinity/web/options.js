// A list as people have one: a line each, perhaps with a word of explanation, from anywhere.

export const OPTIONS_MAX = 100;

/** `[{ name, line }]` of a text, or of a CSV file: what comes after the first comma, tab or semicolon
 *  explains. What is there twice is there once. */
export function readOptions(text) {
  const seen = new Set(), found = [];
  for (const row of text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/)) {
    const [name = "", ...rest] = cells(row.replace(/^\s*(?:[-*•]|\d+[.)])\s+/, ""));
    const key = name.toLocaleLowerCase();
    if (!name || seen.has(key)) continue;
    seen.add(key);
    found.push({ name: name.slice(0, 120), line: rest.filter(Boolean).join(", ").slice(0, 300) });
  }
  return found;
}

/** The cells of a line of CSV. A comma separates only when no tab or semicolon does. */
function cells(row) {
  const split = row.includes("\t") ? "\t" : row.includes(";") ? ";" : ",";
  const found = [];
  let cell = "", isQuoted = false;
  for (let at = 0; at < row.length; at++) {
    const one = row[at];
    if (isQuoted && one === '"' && row[at + 1] === '"') cell += row[at++];
    else if (one === '"' && (isQuoted || !cell.trim())) isQuoted = !isQuoted;
    else if (one === split && !isQuoted) {
      found.push(cell);
      cell = "";
    } else cell += one;
  }
  return [...found, cell].map((one) => one.trim());
}
