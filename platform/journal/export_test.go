package journal

// See is the statement of a poll.
const See = see
