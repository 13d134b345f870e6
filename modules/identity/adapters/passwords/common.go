package passwords

import (
	"encoding/json"
	"sync"

	"github.com/ccojocar/zxcvbn-go/data"
)

// Common says whether many people choose a password (ASVS 6.2.4): it knows some 7,000, those that are too short for any
// policy included. They are read when first asked for.
func Common() func(lowercased string) bool {
	known := sync.OnceValue(common)
	return func(lowercased string) bool { return known()[lowercased] }
}

func common() map[string]bool {
	var file struct{ List []string }
	content, err := data.Asset("data/Passwords.json")
	if err == nil {
		err = json.Unmarshal(content, &file)
	}
	known := make(map[string]bool, len(file.List))
	if err != nil { // part of the program: the tests would have found it
		return known
	}
	for _, password := range file.List {
		known[password] = true
	}
	return known
}
