// What is said while a room votes.

export default {
};
