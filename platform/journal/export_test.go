package journal

import "time"

// RestAfter makes the feed rest after so long without a call of Current. Call it before Follow.
func (j *Journal) RestAfter(d time.Duration) { j.restAfter = d }

// See is the statement of a poll.
const See = see
