package embedded

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// checkParameters refuses what the caller must not decide, and what would not reach PostgreSQL as it is: pg_ctl hands the
// parameters to a shell, in double quotes.
func checkParameters(parameters map[string]string) error {
	name := regexp.MustCompile(`^[a-z_][a-z0-9_.]*$`)
	for _, key := range slices.Sorted(maps.Keys(parameters)) {
		if _, ours := fixedParameters()[key]; ours || slices.Contains(reservedParameters(), key) {
			return fmt.Errorf("start parameter %s cannot be set", key)
		}
		if !name.MatchString(key) || strings.ContainsAny(parameters[key], "\"$`\\\n\r\x00") {
			return fmt.Errorf("start parameter %q cannot have the value %q", key, parameters[key])
		}
	}
	return nil
}

// startParameters are those of a small machine, overridden by the caller's, overridden by the fixed ones.
func startParameters(of map[string]string) map[string]string {
	parameters := map[string]string{
		"shared_buffers":                  "64MB",
		"max_connections":                 "60",
		"max_wal_size":                    "256MB",
		"jit":                             "off", // costs more than it gains on short statements
		"max_parallel_workers_per_gather": "0",   // needs more of /dev/shm than a container has by default
		"autovacuum_max_workers":          "2",
	}
	maps.Copy(parameters, of)
	maps.Copy(parameters, fixedParameters())
	return parameters
}

// fixedParameters keep the server where nobody else on the network or the machine reaches it without the password.
func fixedParameters() map[string]string {
	return map[string]string{
		"listen_addresses":        "127.0.0.1",
		"unix_socket_directories": "",
		"logging_collector":       "off", // the log is the file the keeper renames
		"log_destination":         "stderr",
	}
}

func reservedParameters() []string {
	return []string{"port", "data_directory", "config_file", "hba_file", "ident_file", "external_pid_file", "ssl"}
}
