// Package authority is a certificate authority for throwing away: it is made in memory, signs a certificate for whatever
// name a client of TLS asks for, and is gone with the process. Whoever trusts it trusts that process alone.
package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"strings"
	"sync"
	"time"
)

const (
	lifetime     = 10 * 365 * 24 * time.Hour // of the authority
	leafLifetime = 90 * 24 * time.Hour       // of what it signs
	early        = time.Hour                 // certificates are good before now, for clocks that are behind
	maxLeaves    = 1000                      // names to remember; beyond, all are forgotten and made again when asked for
)

// An Authority signs certificates. It is safe for concurrent use.
type Authority struct {
	now         func() time.Time
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	leafKey     *ecdsa.PrivateKey // one for all names

	mu     sync.Mutex
	leaves map[string]*tls.Certificate
}

// New makes an authority that is good for ten years from now.
func New(now func() time.Time) (*Authority, error) {
	a := &Authority{now: now, leaves: map[string]*tls.Certificate{}}
	for _, key := range []**ecdsa.PrivateKey{&a.key, &a.leafKey} {
		made, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, fmt.Errorf("a key cannot be made: %w", err)
		}
		*key = made
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "Kassa sandbox, for throwing away"},
		NotBefore:             now().Add(-early),
		NotAfter:              now().Add(lifetime),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true, IsCA: true, MaxPathLenZero: true,
	}
	made, err := a.sign(template, template, &a.key.PublicKey)
	if err != nil {
		return nil, err
	}
	a.certificate = made
	return a, nil
}

// PEM is the certificate of the authority, for clients to trust.
func (a *Authority) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})
}

// Certificate is the certificate for the name a client asks for. One that asks for none, as clients do that use an
// address, gets one for the address it reached, loopback addresses and localhost.
func (a *Authority) Certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	template := &x509.Certificate{}
	name := strings.ToLower(strings.TrimSuffix(hello.ServerName, "."))
	switch ip := net.ParseIP(name); {
	case name == "":
		template.DNSNames = []string{"localhost"}
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
		if hello.Conn != nil {
			if reached, ok := hello.Conn.LocalAddr().(*net.TCPAddr); ok {
				name = reached.IP.String()
				template.IPAddresses = append(template.IPAddresses, reached.IP)
			}
		}
	case ip != nil:
		template.IPAddresses = []net.IP{ip}
	default:
		template.DNSNames = []string{name}
	}
	return a.leaf(name, template)
}

// leaf is the certificate of a name, signed when there is none that is good for another day.
func (a *Authority) leaf(name string, template *x509.Certificate) (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	if leaf, ok := a.leaves[name]; ok && now.Before(leaf.Leaf.NotAfter.Add(-24*time.Hour)) {
		return leaf, nil
	}
	template.NotBefore, template.NotAfter = now.Add(-early), now.Add(leafLifetime)
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	signed, err := a.sign(template, a.certificate, &a.leafKey.PublicKey)
	if err != nil {
		return nil, err
	}
	if len(a.leaves) >= maxLeaves {
		clear(a.leaves)
	}
	leaf := &tls.Certificate{Certificate: [][]byte{signed.Raw}, PrivateKey: a.leafKey, Leaf: signed}
	a.leaves[name] = leaf
	return leaf, nil
}

func (a *Authority) sign(template, parent *x509.Certificate, key *ecdsa.PublicKey) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, fmt.Errorf("a serial number cannot be made: %w", err)
	}
	template.SerialNumber = serial
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, key, a.key)
	if err != nil {
		return nil, fmt.Errorf("a certificate cannot be signed: %w", err)
	}
	return x509.ParseCertificate(raw)
}
