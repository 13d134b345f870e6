package httpx

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"
)

// Settings of the server.
type Settings struct {
	Addr               string        `env:"HTTP_ADDR" want:"host:port, such as 127.0.0.1:8000" unset:"'127.0.0.1:8000'" doc:"address of the API"`
	Port               uint16        `env:"PORT" want:"a port number" unset:"'8000'" doc:"the port on 127.0.0.1, when 'HTTP_ADDR' is not set"`
	AdminAddr          string        `env:"ADMIN_ADDR" envDefault:"127.0.0.1:8001" want:"host:port, such as 127.0.0.1:8001" doc:"address of metrics and profiles. When this default is in use, the server takes another port and logs it"`
	PublicURL          string        `env:"PUBLIC_URL" want:"the address users type, such as https://erp.example.org" unset:"'http://' and 'HTTP_ADDR'" doc:"the address that users type. Links begin with its path; 'https' turns on HSTS and the Secure flag of the cookie"`
	CORSOrigins        []string      `env:"CORS_ORIGINS" want:"origins with commas between them, such as https://a.example.org,https://b.example.org" doc:"origins whose pages may call the API, separated by commas, each exactly as browsers send it"`
	TrustedProxies     []string      `env:"TRUSTED_PROXIES" want:"addresses or networks with commas between them, such as 10.0.0.1,10.1.0.0/16" doc:"addresses or networks whose 'X-Forwarded-For' the server trusts, separated by commas"`
	MaxConnections     int           `env:"HTTP_MAX_CONNECTIONS" want:"a number from 16 up" unset:"'4096'" doc:"the most connections to the API at a time, at least 16. New connections replace idle ones"`
	Docs               bool          `env:"DOCS" envDefault:"true" want:"true or false" doc:"whether the server serves '/docs', '/redoc', '/openapi.json' and '/openapi.yaml'"`
	RequestsPerUser    int           `env:"REQUESTS_PER_USER" envDefault:"8" want:"a number of requests, 0 for no limit" doc:"how many requests of one user may run at a time, including the sending of their answers. More wait for a while and then get 429. 0: no limit"`
	RequestsPerAddress int           `env:"REQUESTS_PER_ADDRESS" want:"a number of requests from 1 up" unset:"a quarter of 'HTTP_MAX_CONNECTIONS'" doc:"the same for one address, for requests that are not a user's: sign-ins, pages, and what a user may always do. As many again wait. An IPv6 address counts as its /64"`
	ShutdownTimeout    time.Duration `env:"SHUTDOWN_TIMEOUT" envDefault:"20s" want:"a duration such as 20s" doc:"how long running requests may take once the server stops"`
}

const (
	defaultPort = "8000"

	defaultConnections = 4096
	leastConnections   = 16

	// connectionsPerAddressTurn is how many connections there are for each request of one address: with those that wait, an address
	// takes half of them.
	connectionsPerAddressTurn = 4
)

// AdminConnections is the maximum number of connections at ADMIN_ADDR.
const AdminConnections = 64

// DefaultAdminAddr is the default of ADMIN_ADDR.
const DefaultAdminAddr = "127.0.0.1:8001"

// Complete fills in defaults that depend on other settings and checks the values.
//
// Errors: every setting that cannot be used, one line for each.
func (s *Settings) Complete() error {
	if s.Addr == "" {
		port := defaultPort
		if s.Port != 0 {
			port = fmt.Sprint(s.Port)
		}
		s.Addr = net.JoinHostPort("127.0.0.1", port)
	}
	var wrong []error
	for name, addr := range map[string]string{"HTTP_ADDR": s.Addr, "ADMIN_ADDR": s.AdminAddr} {
		if _, port, err := net.SplitHostPort(addr); err != nil || !isPort(port) {
			wrong = append(wrong, fmt.Errorf("%s: %q is not understood: set it to host:port, such as 127.0.0.1:8000", name, addr))
		}
	}
	if s.MaxConnections == 0 {
		s.MaxConnections = defaultConnections
	}
	if s.MaxConnections < leastConnections {
		wrong = append(wrong, fmt.Errorf("HTTP_MAX_CONNECTIONS: %d is too few: set it to a number from %d up", s.MaxConnections, leastConnections))
	}
	if s.ShutdownTimeout < 0 {
		wrong = append(wrong, errors.New("SHUTDOWN_TIMEOUT: it is negative: set it to a duration such as 20s"))
	}
	if s.RequestsPerUser < 0 {
		wrong = append(wrong, errors.New("REQUESTS_PER_USER: it is negative: set it to a number of requests, 0 for no limit"))
	}
	if s.RequestsPerAddress < 0 {
		wrong = append(wrong, errors.New("REQUESTS_PER_ADDRESS: it is negative: set it to a number of requests from 1 up"))
	}
	if s.RequestsPerAddress == 0 {
		s.RequestsPerAddress = max(s.MaxConnections/connectionsPerAddressTurn, 1)
	}
	if s.PublicURL == "" && len(wrong) == 0 {
		s.PublicURL = "http://" + s.DialAddr()
	}
	if s.PublicURL != "" {
		if public, ok := canonicalAddress(s.PublicURL); ok {
			s.PublicURL = public.String()
		} else {
			wrong = append(wrong, errors.New("PUBLIC_URL: its value (not shown) is not understood: set it to the address users type, such as https://erp.example.org")) // the value may contain a password
		}
	}
	for i, origin := range s.CORSOrigins {
		if s.CORSOrigins[i] = canonicalOrigin(origin); s.CORSOrigins[i] == "" {
			wrong = append(wrong, fmt.Errorf("CORS_ORIGINS: %q is not an exact origin: write it like https://app.example.org, without a path or *", origin))
		}
	}
	if _, err := parseProxies(s.TrustedProxies); err != nil {
		wrong = append(wrong, err)
	}
	return errors.Join(wrong...)
}

// Loopback reports whether only programs on this machine can reach HTTP_ADDR.
func (s Settings) Loopback() bool {
	host, _, _ := net.SplitHostPort(s.Addr)
	host, _ = canonicalHost(host)
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Secure reports whether PUBLIC_URL is https.
func (s Settings) Secure() bool { return strings.HasPrefix(s.PublicURL, "https://") }

// SessionCookie is the name of the cookie that carries a session.
func (s Settings) SessionCookie() string { return s.Cookie("session") }

// Cookie returns the full name of a cookie. Browsers send a cookie to every port and path of its host, and many programs
// name theirs "session": so the name begins with erp- and contains the port and a digest of the path, which differ between
// the servers of one host. With https it has the prefix __Host-, which binds it to the host.
func (s Settings) Cookie(name string) string {
	name = "erp-" + name
	if s.Secure() {
		name = "__Host-" + name
	}
	u, err := url.Parse(s.PublicURL)
	if err != nil {
		return name
	}
	if port := u.Port(); port != "" {
		name += "-" + port
	}
	if u.Path != "" {
		name += fmt.Sprintf("-%08x", uint32(xxhash.Sum64String(u.Path))) //nolint:gosec // half of the digest is enough
	}
	return name
}

// basePath is the path below which a proxy serves the API, "" for none.
func (s Settings) basePath() string {
	u, err := url.Parse(s.PublicURL)
	if err != nil {
		return ""
	}
	return strings.TrimRight(u.EscapedPath(), "/")
}

func isPort(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

// ListensAt sets the real port if HTTP_ADDR has port 0, also in a PUBLIC_URL that was derived from it.
func (s *Settings) ListensAt(addr string) {
	host, wanted, _ := net.SplitHostPort(s.Addr)
	_, port, err := net.SplitHostPort(addr)
	if err != nil || wanted != "0" {
		return
	}
	derived := s.PublicURL == "http://"+s.DialAddr()
	if s.Addr = net.JoinHostPort(host, port); derived {
		s.PublicURL = "http://" + s.DialAddr()
	}
}

// DialAddr is HTTP_ADDR as an address to connect to from this machine.
func (s Settings) DialAddr() string {
	host, port, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return s.Addr
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
