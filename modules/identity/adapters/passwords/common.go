package passwords

import (
	"crypto/sha256"
	"embed"
	"sort"

	"erp.internal/modules/identity/domain"
	"erp.internal/modules/identity/ports"
	"erp.internal/platform/text"
)

// digests hold, for each policy, what many people choose: the first digestBytes of the SHA-256 of each password in its
// folded form, in order. The lists themselves take 6 MB of memory as soon as the program starts; looking up a digest
// takes none. TestCommon_isOfItsSources says what they are made from, and makes them.
//
//go:embed common
var digests embed.FS

// digestBytes make it unlikely by 1 to 10,000,000,000 that a password is taken for a common one.
const digestBytes = 6

// Common is the list of passwords that many people choose and that the policy would otherwise accept (ASVS 6.2.4). It ignores
// case and Unicode form.
func Common(policy domain.PasswordPolicy) ports.CommonPasswords {
	known, err := digests.ReadFile("common/" + policy.Name)
	if err != nil { // part of the program: the tests would have found it
		known = nil
	}
	return func(password string) bool {
		digest := sha256.Sum256([]byte(text.Folded(password)))
		sought := string(digest[:digestBytes])
		at := func(i int) string { return string(known[i*digestBytes : (i+1)*digestBytes]) }
		n := len(known) / digestBytes
		i := sort.Search(n, func(i int) bool { return at(i) >= sought })
		return i < n && at(i) == sought
	}
}
