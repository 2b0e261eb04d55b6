// One connection for all that this page listens to, opened when it first does and ended with the
// session it speaks for.

import { api } from "./api.js";
import { openChannels } from "./live.js";
import { onChange, session } from "./store.js";

let open = null, whose = null;

export function channels() {
  const who = session.get()?.id ?? null;
  if (open && whose !== who) close();
  open ??= openChannels({ token: api.token });
  whose = who;
  return open;
}

function close() {
  open?.close();
  open = null;
}

onChange((name) => {
  if (name === "session" && (session.get()?.id ?? null) !== whose) close();
});
