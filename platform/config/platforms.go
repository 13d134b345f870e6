package config

import "regexp"

// Kubernetes sets variables in each container for every service, and Docker did so for linked containers. The variables
// of a service named erp begin with ERP_, and one of them is ERP_PORT. They are neither settings nor typos.
var (
	ofService = regexp.MustCompile(`^([A-Z0-9_]*_)?(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR|START|END))?)$`)
	portName  = regexp.MustCompile(`^([A-Z0-9_]*_)?PORT$`)
	portValue = regexp.MustCompile(`^(tcp|udp|sctp)://`)
)

// setByPlatform reports whether Kubernetes or Docker set a variable for a service.
func setByPlatform(name, value string) bool {
	return ofService.MatchString(name) || portName.MatchString(name) && portValue.MatchString(value)
}
