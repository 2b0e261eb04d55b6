// Todo lo que se dice en español, según de qué trata.

import frame from "./es.frame.js";
import people from "./es.people.js";
import refusals from "./es.refusals.js";
import rooms from "./es.rooms.js";
import voting from "./es.voting.js";

export default { ...frame, ...people, ...rooms, ...voting, ...refusals };
