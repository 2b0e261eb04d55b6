// The server's time. A room closes at a moment of its clock, and a phone's may be minutes off; every
// answer says what time it is there.

const BELIEVED_MS = 2_000; // an answer is a second old, and says no parts of one

let ahead = 0;

export function heard(answer) {
  const said = Date.parse(answer.headers.get("date"));
  if (!Number.isNaN(said)) ahead = Math.abs(said - Date.now()) > BELIEVED_MS ? said - Date.now() : 0;
}

export function now() {
  return Date.now() + ahead;
}
