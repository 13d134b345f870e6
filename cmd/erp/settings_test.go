package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestSettings_notUnderstood(t *testing.T) {
	t.Parallel()
	p := command(t, []string{
		"HTTP_ADDR=nowhere", "ADMIN_ADDR=nowhere", "PORT=many", "SHUTDOWN_TIMEOUT=soon", "PUBLIC_URL=me", "CORS_ORIGINS=*",
		"TRUSTED_PROXIES=all", "DOCS=perhaps", "DATABASE_URL=mysql://erp:" + secret + "@db/erp", "DATABASE_POOL_SIZE=big",
		"DATABASE_STATEMENT_TIMEOUT=10", "DATABASE_LIST_TIMEOUT=2", "SQL_ECHO=loud", "AUTO_MIGRATE=sometimes", "LOG_LEVEL=chatty", "LOG_FORMAT=prose", "REQUESTS_PER_USER=some",
	}, "serve")
	p.failsWith(exitFailed, 17)
	for _, name := range []string{
		"HTTP_ADDR", "ADMIN_ADDR", "PORT", "SHUTDOWN_TIMEOUT", "PUBLIC_URL", "CORS_ORIGINS", "TRUSTED_PROXIES", "DOCS", "DATABASE_URL",
		"DATABASE_POOL_SIZE", "DATABASE_STATEMENT_TIMEOUT", "DATABASE_LIST_TIMEOUT", "SQL_ECHO", "AUTO_MIGRATE", "LOG_LEVEL", "LOG_FORMAT", "REQUESTS_PER_USER",
	} {
		if !slices.ContainsFunc(p.complaints(), func(line string) bool { return strings.HasPrefix(line, "erp: "+name+": ") }) {
			t.Errorf("%s is not listed", name)
		}
	}
	if strings.Contains(p.err.String(), secret) {
		t.Errorf("the password was shown: %s", &p.err)
	}
}

func TestSettings_files(t *testing.T) {
	t.Parallel()
	t.Run("when a secret's file is missing", func(t *testing.T) {
		t.Parallel()
		command(t, []string{"DATABASE_URL_FILE=/nowhere/url"}, "serve").fails("erp: DATABASE_URL_FILE: ", "no such file")
	})
	t.Run("when a setting and its file are both set", func(t *testing.T) {
		t.Parallel()
		command(t, []string{"DATABASE_URL=postgres://erp:" + secret + "@db/erp", "DATABASE_URL_FILE=/nowhere/url"}, "serve").
			fails("erp: DATABASE_URL and DATABASE_URL_FILE are both set")
	})
	t.Run("when .env is no list of settings", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, ".env"), []byte("PASSWORD sesame\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		start(t, dir, nil, "serve").fails("erp: .env is not understood", "NAME=value")
	})
	t.Run("when .env was saved by Windows' Notepad", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, ".env"), []byte("\ufeff"+onDatabase(t)+"\r\nAPP_NAME=병원\r\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		p := serve(t, dir)
		if got := p.get("/").body["name"]; got != "병원" {
			t.Errorf("APP_NAME is %v", got)
		}
		p.stop()
	})
	t.Run("when .env was saved as UTF-16", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, ".env"), []byte("\xff\xfeA\x00=\x001\x00"), 0o600); err != nil {
			t.Fatal(err)
		}
		start(t, dir, nil, "serve").fails("erp: .env is UTF-16, as Windows programs save text as Unicode: save it as UTF-8")
	})
	t.Run("when .env says where the database is", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, ".env"), []byte(onDatabase(t)+"\nAPP_NAME=Clinic\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		p := serve(t, dir)
		if got := p.get("/").body["name"]; got != "Clinic" {
			t.Errorf("APP_NAME is %v", got)
		}
		p.stop()
	})
}

func TestSettings_unknown(t *testing.T) {
	t.Parallel()
	p := serve(t, t.TempDir(), onDatabase(t), "ERP_HTTP_ADDRES=127.0.0.1:0", "ERP_TEST_REPORT=none", "ERP_LOG_LEVEL=info")
	line := p.logged("unknown setting: check its spelling in docs/settings.md")
	if line["name"] != "ERP_HTTP_ADDRES" || line["level"] != "warn" {
		t.Errorf("it warns of %v", line)
	}
	if n := strings.Count(p.err.String(), "unknown setting"); n != 1 {
		t.Errorf("it warns of %d", n)
	}
	p.stop()
}

// Kubernetes sets these in each container beside a service named erp: see config.
func TestSettings_ofAServiceNamedLikeUs(t *testing.T) {
	t.Parallel()
	p := serve(t, t.TempDir(), onDatabase(t), "ERP_PORT=tcp://10.96.0.1:8000", "ERP_SERVICE_HOST=10.96.0.1", "ERP_SERVICE_PORT=8000", "ERP_PORT_8000_TCP=tcp://10.96.0.1:8000",
		"ERP_PORT_8000_TCP_ADDR=10.96.0.1", "PORT=tcp://10.96.0.1:8000")
	if strings.Contains(p.err.String(), "unknown setting") {
		t.Errorf("it warns: %s", p.err.String())
	}
	p.stop()
	start(t, t.TempDir(), []string{"ERP_PORT=80a"}, "serve").fails(`erp: PORT: "80a" is not understood: set it to a port number`)
}

func TestSettings_openOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:8000", "erp.example.org:80"} {
		t.Run("when HTTP_ADDR is "+addr, func(t *testing.T) {
			t.Parallel()
			p := command(t, []string{"HTTP_ADDR=" + addr}, "serve", "--open")
			p.failsWith(exitUsage, 1)
			if want := "erp: --open: HTTP_ADDR " + addr + " can be reached from other machines"; !strings.HasPrefix(p.complaints()[0], want) {
				t.Errorf("it says %q", p.complaints())
			}
		})
	}
}
