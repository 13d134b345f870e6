package smtp

import "crypto/x509"

// Trust makes m trust the certificates of roots instead of the system's.
func (m *Mail) Trust(roots *x509.CertPool) { m.roots = roots }
