package main

import (
	"strings"
	"testing"
)

// Whatever settings hold, the program says what is wrong with them and does not show what is secret.
func FuzzSettings(f *testing.F) {
	f.Add("DATABASE_URL", "postgres://erp:", "@db:5432/erp")
	f.Add("DATABASE_URL", "postgres://erp:%zz", "@db:x/erp")
	f.Add("DATABASE_URL", "host=db password=", " port=x")
	f.Add("ADMIN_PASSWORD", "", "")
	f.Add("SMTP_PASSWORD", "\xff", "\n")
	f.Add("PUBLIC_URL", "https://u:", "@erp.example.org")
	f.Add("PORT", "80", "")
	f.Add("SESSION_IDLE", "30m", "")
	f.Add("TRUSTED_PROXIES", "10.0.0.1,", "/8")
	f.Add("CORS_ORIGINS", "https://", ".example.org")
	hidden := map[string]bool{"DATABASE_URL": true, "ADMIN_PASSWORD": true, "SMTP_PASSWORD": true, "PUBLIC_URL": true}
	f.Fuzz(func(t *testing.T, name, before, after string) {
		if strings.HasSuffix(name, "_FILE") || strings.ContainsAny(name, "=\x00") {
			return // which would name a file of this machine
		}
		environ := []string{name + "=" + before + secret + after}
		if _, err := load(console{environ: environ}); err != nil && hidden[name] && strings.Contains(err.Error(), secret) {
			t.Fatalf("%q shows the secret: %v", environ, err)
		}
	})
}
