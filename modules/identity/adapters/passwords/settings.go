package passwords

import "errors"

// Settings are the cost of hashing. A stored hash that is cheaper is replaced when its owner signs in.
type Settings struct {
	MemoryKiB uint32 `env:"PASSWORD_HASH_MEMORY_KIB" envDefault:"19456" want:"a number of KiB, 19456 or more" doc:"memory of argon2id for one hash, in KiB"`
	Time      uint32 `env:"PASSWORD_HASH_TIME" envDefault:"2" want:"a number of passes, 2 or more, or 1 with 47104 KiB or more" doc:"passes of argon2id"`
	Threads   uint8  `env:"PASSWORD_HASH_THREADS" envDefault:"1" want:"a number of threads from 1 to 16" doc:"threads of argon2id"`
	Queue     int    `env:"PASSWORD_HASH_QUEUE" envDefault:"128" want:"how many may wait" doc:"how many hashes may wait for a core. More get 503"`
}

// The bounds of what is computed: the least is OWASP's (ASVS 11.4.2), and the most keeps a hash that somebody put into
// the database from taking all memory.
const (
	leastMemoryKiB = 19456
	mostMemoryKiB  = 1 << 20
	leastTime      = 2
	singlePassKiB  = 47104 // from which on one pass is enough (OWASP Password Storage Cheat Sheet)
	mostTime       = 64
	mostThreads    = 16
)

// Check says what no type can.
//
// Errors: every setting that cannot be used, one line for each.
func (s Settings) Check() error {
	var wrong []error
	if s.MemoryKiB < leastMemoryKiB || s.MemoryKiB > mostMemoryKiB {
		wrong = append(wrong, errors.New("PASSWORD_HASH_MEMORY_KIB: it is outside 19456 to 1048576: set it to a number of KiB such as 19456"))
	}
	if s.Time < 1 || s.Time < leastTime && s.MemoryKiB < singlePassKiB || s.Time > mostTime {
		wrong = append(wrong, errors.New("PASSWORD_HASH_TIME: it is outside 2 to 64: set it to a number of passes such as 2, or to 1 with PASSWORD_HASH_MEMORY_KIB of 47104 or more"))
	}
	if s.Threads < 1 || s.Threads > mostThreads {
		wrong = append(wrong, errors.New("PASSWORD_HASH_THREADS: it is outside 1 to 16: set it to a number of threads such as 1"))
	}
	if s.Queue < 0 {
		wrong = append(wrong, errors.New("PASSWORD_HASH_QUEUE: it is below 0: set it to how many may wait, such as 128"))
	}
	return errors.Join(wrong...)
}
