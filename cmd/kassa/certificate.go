package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/kassa-dev/kassa/cmd/kassa/internal/authority"
)

// A certificate is what the flags say about TLS.
type certificate struct {
	own       bool   // --tls
	ca        string // --tls-ca
	cert, key string // --tls-cert, --tls-key
}

// config is the TLS of the first door; nil without. The authority is nil unless
// it was made for this process.
func (c certificate) config() (*tls.Config, *authority.Authority, error) {
	switch {
	case c.own && (c.cert != "" || c.key != ""):
		return nil, nil, misuse("--tls makes a certificate, --tls-cert and --tls-key bring one; choose")
	case !c.own && c.ca != "":
		return nil, nil, misuse("--tls-ca is where --tls leaves the authority it makes; add --tls")
	case (c.cert == "") != (c.key == ""):
		return nil, nil, misuse("a certificate is no good without its key; give both --tls-cert and --tls-key")
	case c.cert != "":
		pair, err := c.pair()
		if err != nil {
			return nil, nil, err
		}
		return tlsOf(func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &pair, nil }), nil, nil
	case !c.own:
		return nil, nil, nil
	}
	made, err := authority.New(time.Now)
	if err != nil {
		return nil, nil, &exit{code: exitFindings, err: err}
	}
	if c.ca != "" {
		if err := os.WriteFile(c.ca, made.PEM(), 0o644); err != nil { //nolint:gosec // it is for others to read
			return nil, nil, &exit{code: exitFindings, err: fmt.Errorf("%s cannot be written (%w); choose another file with --tls-ca", c.ca, cause(err))}
		}
	}
	return tlsOf(made.Certificate), made, nil
}

func tlsOf(choose func(*tls.ClientHelloInfo) (*tls.Certificate, error)) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}, GetCertificate: choose}
}

// pair reads the certificate that was brought.
func (c certificate) pair() (tls.Certificate, error) {
	var text [2][]byte
	for i, file := range []struct{ name, flag, what string }{{c.cert, "--tls-cert", "certificate"}, {c.key, "--tls-key", "key"}} {
		var err error
		if text[i], err = os.ReadFile(file.name); err != nil {
			return tls.Certificate{}, misuse("%s cannot be read (%w); name the PEM file of the %s with %s", file.name, cause(err), file.what, file.flag)
		}
	}
	pair, err := tls.X509KeyPair(text[0], text[1])
	if err != nil {
		return pair, misuse("%s and %s are no certificate and its key: %w; give the PEM files that belong together, the key without a passphrase", c.cert, c.key, err)
	}
	if until := pair.Leaf.NotAfter; time.Now().After(until) {
		return pair, misuse("the certificate in %s was good until %s; renew it, or let --tls make one", c.cert, until.Format(time.DateOnly))
	}
	return pair, nil
}

// cause is why a file could not be used, without its name.
func cause(err error) error {
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return path.Err
	}
	return err
}
