// All that is said in English, by what it is about.

import frame from "./en.frame.js";
import people from "./en.people.js";
import refusals from "./en.refusals.js";
import rooms from "./en.rooms.js";
import voting from "./en.voting.js";

export default { ...frame, ...people, ...rooms, ...voting, ...refusals };
