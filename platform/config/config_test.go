package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"erp.internal/platform/config"
)

type settings struct {
	Addr    string        `env:"HTTP_ADDR" envDefault:"127.0.0.1:8000" want:"host:port"`
	Timeout time.Duration `env:"TIMEOUT" envDefault:"10s" want:"a duration such as 10s"`
	Echo    bool          `env:"SQL_ECHO" want:"true or false"`
	Token   time.Duration `env:"TOKEN" secret:"true" want:"a secret duration"`
	Origins []string      `env:"CORS_ORIGINS" want:"origins with commas between them"`
	Port    uint16        `env:"PORT" want:"a port number"`
}

func load(t *testing.T, dotenv string, environ ...string) (settings, config.Source, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), ".env")
	if dotenv != "" {
		if err := os.WriteFile(path, []byte(dotenv), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	source, err := config.Read(environ, path)
	if err != nil {
		t.Fatal(err)
	}
	var got settings
	err = source.Load(&got)
	return got, source, err
}

func TestLoad(t *testing.T) {
	t.Parallel()
	secret := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(secret, []byte("3s\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	defaults := settings{Addr: "127.0.0.1:8000", Timeout: 10 * time.Second}
	for name, tc := range map[string]struct {
		dotenv  string
		environ []string
		want    func(*settings)
	}{
		"nothing set gives the defaults": {want: func(*settings) {}},
		"the environment is read": {environ: []string{"TIMEOUT=1m", "SQL_ECHO=true", "CORS_ORIGINS=https://a,https://b"}, want: func(s *settings) {
			s.Timeout, s.Echo, s.Origins = time.Minute, true, []string{"https://a", "https://b"}
		}},
		"an empty variable is not set":         {environ: []string{"HTTP_ADDR=", "SQL_ECHO="}, want: func(*settings) {}},
		".env is read":                         {dotenv: "TIMEOUT=1m", want: func(s *settings) { s.Timeout = time.Minute }},
		"the environment wins over .env":       {dotenv: "TIMEOUT=1m", environ: []string{"TIMEOUT=2m"}, want: func(s *settings) { s.Timeout = 2 * time.Minute }},
		"the prefixed name wins over the bare": {environ: []string{"TIMEOUT=2m", "ERP_TIMEOUT=3m"}, want: func(s *settings) { s.Timeout = 3 * time.Minute }},
		".env of a Windows editor is read":     {dotenv: "\ufeffTIMEOUT=1m\r\nSQL_ECHO=true\r\n", want: func(s *settings) { s.Timeout, s.Echo = time.Minute, true }},
		"a secret comes from a file":           {environ: []string{"TOKEN_FILE=" + secret}, want: func(s *settings) { s.Token = 3 * time.Second }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, _, err := load(t, tc.dotenv, tc.environ...)
			if err != nil {
				t.Fatal(err)
			}
			want := defaults
			tc.want(&want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLoad_saysWhatWouldBeRight(t *testing.T) {
	t.Parallel()
	_, _, err := load(t, "", "TIMEOUT=soon", "SQL_ECHO=perhaps", "TOKEN=hunter2")
	if err == nil {
		t.Fatal("three wrong settings were taken")
	}
	for _, line := range []string{
		`TIMEOUT: "soon" is not understood: set it to a duration such as 10s`,
		`SQL_ECHO: "perhaps" is not understood: set it to true or false`,
		`TOKEN: its value (not shown) is not understood: set it to a secret duration`,
	} {
		if !strings.Contains(err.Error(), line) {
			t.Errorf("no line %q in:\n%v", line, err)
		}
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Error("a secret is shown")
	}
}

func TestRead_doesNotShowWhatItCannotRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), ".env")
	if err := os.WriteFile(path, []byte("TIMEOUT=1s\nPASSWORD hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := config.Read(nil, path)
	if err == nil || !strings.Contains(err.Error(), "one NAME=value on each line") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}

// What Windows programs write: a byte order mark and CR LF are no part of a value, and of UTF-16 and code pages the
// administrator learns what to do, without the content.
func TestRead_filesOfWindowsPrograms(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	got, _, err := load(t, "", "TOKEN_FILE="+file("token", "\ufeff3s\r\n"))
	if err != nil || got.Token != 3*time.Second {
		t.Errorf("a secret behind a byte order mark: %v, %v", got.Token, err)
	}
	utf16 := "\xff\xfeT\x003\x00s\x00"
	if _, err := config.Read(nil, file("utf-16.env", utf16)); err == nil || !strings.HasSuffix(err.Error(), "utf-16.env is UTF-16, as Windows programs save text as Unicode: save it as UTF-8") {
		t.Errorf("a .env in UTF-16: %v", err)
	}
	if _, err := config.Read(nil, file("cp949.env", "APP_NAME=\xba\xb4\xbf\xf8\r\n")); err == nil || !strings.HasSuffix(err.Error(), "cp949.env is not UTF-8: save it as UTF-8") {
		t.Errorf("a .env in code page 949: %v", err)
	}
	if _, _, err := load(t, "", "TOKEN_FILE="+file("utf-16", utf16)); err == nil || !strings.Contains(err.Error(), "TOKEN_FILE: ") || !strings.HasSuffix(err.Error(), "save it as UTF-8") {
		t.Errorf("a secret in UTF-16: %v", err)
	}
}

func TestLoad_secretFile(t *testing.T) {
	t.Parallel()
	if _, _, err := load(t, "", "TOKEN_FILE=/nowhere/token"); err == nil || !strings.Contains(err.Error(), "TOKEN_FILE") {
		t.Errorf("a missing file: %v", err)
	}
	if _, _, err := load(t, "", "TOKEN=1s", "TOKEN_FILE=/nowhere/token"); err == nil || !strings.Contains(err.Error(), "keep one") {
		t.Errorf("both set: %v", err)
	}
}

func TestUnknown(t *testing.T) {
	t.Parallel()
	_, source, err := load(t, "TIMEOT=1m\nTOKEN_FILE=\n", "ERP_HTTP_ADR=x", "ERP_TIMEOUT=1s", "HOME=/root", "ERP_TEST_IMAGE=x")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"ERP_HTTP_ADR", "TIMEOT"}, source.Unknown(new(settings))); diff != "" {
		t.Error(diff)
	}
}

// ofServices are what Kubernetes sets in each container for a service named erp, one named erp-http, and one that has no
// name before PORT.
var ofServices = []string{
	"ERP_PORT=tcp://10.96.0.1:8000", "ERP_SERVICE_HOST=10.96.0.1", "ERP_SERVICE_PORT=8000", "ERP_SERVICE_PORT_HTTP=8000", "ERP_SERVICE_PORT_METRICS_2=8001",
	"ERP_PORT_8000_TCP=tcp://10.96.0.1:8000", "ERP_PORT_8000_TCP_PROTO=tcp", "ERP_PORT_8000_TCP_PORT=8000", "ERP_PORT_8000_TCP_ADDR=10.96.0.1",
	"ERP_PORT_53_UDP=udp://[fd00::1]:53", "ERP_PORT_53_UDP_PROTO=udp", "ERP_PORT_53_UDP_PORT=53", "ERP_PORT_53_UDP_ADDR=fd00::1", "ERP_PORT_9_SCTP=sctp://10.96.0.1:9",
	"ERP_HTTP_PORT=tcp://10.96.0.2:80", "ERP_HTTP_SERVICE_HOST=10.96.0.2", "ERP_HTTP_SERVICE_PORT=80", "ERP_HTTP_PORT_80_TCP_ADDR=10.96.0.2",
	"SMTP_PORT=tcp://10.96.0.3:25", "SMTP_SERVICE_HOST=10.96.0.3", "PORT=tcp://10.96.0.4:80",
}

func TestRead_leavesThePlatformsOwnVariablesAlone(t *testing.T) {
	t.Parallel()
	got, source, err := load(t, "", ofServices...)
	if unknown := source.Unknown(&got); err != nil || got.Port != 0 || len(unknown) > 0 {
		t.Errorf("port %d, unknown %v, %v", got.Port, unknown, err)
	}
	if got, _, err := load(t, "", append([]string{"PORT=9000"}, ofServices[:len(ofServices)-1]...)...); err != nil || got.Port != 9000 {
		t.Errorf("the port that was set: %d, %v", got.Port, err)
	}
	if got, _, err := load(t, "PORT=9000", ofServices...); err != nil || got.Port != 9000 {
		t.Errorf("the port of .env: %d, %v", got.Port, err)
	}
}

func TestRead_stillFindsMistakes(t *testing.T) {
	t.Parallel()
	for _, pair := range []string{"ERP_PORT=80a", "PORT=80a", "ERP_PORT=http://127.0.0.1:8000", "PORT=:8000", "PORT=65536"} {
		if _, _, err := load(t, "", pair); err == nil || !strings.Contains(err.Error(), "PORT: ") {
			t.Errorf("%s: %v", pair, err)
		}
	}
	for _, pair := range []string{"ERP_SERVICE=1", "ERP_HTTP_PORTS=1", "ERP_SMTP_PORT=25", "ERP_HOST=h", "ERP_PORT_HTTP=80"} {
		got, source, err := load(t, "", pair)
		name, _, _ := strings.Cut(pair, "=")
		if unknown := source.Unknown(&got); err != nil || !cmp.Equal(unknown, []string{name}) {
			t.Errorf("%s: unknown %v, %v", pair, unknown, err)
		}
	}
}
