package config

import "regexp"

// Kubernetes tells each container of the services that were there when it started, in variables named for them, and
// Docker told linked containers of each other in the same way. A service named erp has names that begin as ours do, and
// one of them is ERP_PORT. None of them is meant for us: they are neither settings nor typos.
var (
	ofService = regexp.MustCompile(`^([A-Z0-9_]*_)?(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR|START|END))?)$`)
	portName  = regexp.MustCompile(`^([A-Z0-9_]*_)?PORT$`)
	portValue = regexp.MustCompile(`^(tcp|udp|sctp)://`)
)

// setByPlatform tells whether a variable of the environment was set by the platform for a service of that name.
func setByPlatform(name, value string) bool {
	return ofService.MatchString(name) || portName.MatchString(name) && portValue.MatchString(value)
}
